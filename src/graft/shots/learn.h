// From a few labeled photos to a classifier: one of the rules of head/closed, chosen because it does best on photos left out.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graft/base/config.h"
#include "graft/base/thread_pool.h"
#include "graft/head/closed/rules.h"
#include "graft/trust/temperature.h"

namespace graft::shots {

enum class RuleChoice { automatic, prototypes, lda, ridge, logistic };
enum class Centre { none, support };

inline const names<RuleChoice> kRuleNames{{"auto", RuleChoice::automatic},
                                          {"prototypes", RuleChoice::prototypes},
                                          {"lda", RuleChoice::lda},
                                          {"ridge", RuleChoice::ridge},
                                          {"logistic", RuleChoice::logistic}};
inline const names<Centre> kCentreNames{{"none", Centre::none}, {"support", Centre::support}};
inline constexpr const char* kRuleHelp =
    "prototypes: the nearest class mean; lda: linear discriminant analysis with shrunk covariance; ridge: least squares; logistic: logistic "
    "regression; auto: lda, unless another rule gets more photos right beyond chance when they are left out one at a time; prototypes if a class has "
    "only one photo";
inline constexpr const char* kCentreHelp =
    "what is subtracted from the features of every photo before they are scaled to length 1; none: nothing; support: the mean over the labeled "
    "photos";

/// Features of labeled photos. Every class has at least one.
struct Support {
  std::vector<std::string> classes;
  std::vector<int> labels;    // of each photo
  std::vector<float> values;  // (photos, width)
  std::size_t width = 0;
};

/// How the rule does on photos left out, after its logits were divided by the temperature that suits them.
struct LeftOut {
  std::size_t photos;
  double accuracy, log_loss;
  std::vector<double> wrong = {};  // 1 for each photo that it gets wrong, else 0
};

struct Tried {
  head::Rule rule;
  head::Solved solved;              // its layer is divided by the temperature
  std::optional<LeftOut> left_out;  // nothing if no photo can be left out
  double temperature = 1;           // by which the rule's own logits are divided
};

/// The rule's logits are divided by the temperature with the lowest log loss on the photos left out (trust::temper).
/// If none can be left out, logits that are sums of cosines are multiplied by ten, as is usual for prototypes.
Tried try_rule(head::Rule rule, const head::FewRows& rows, uint64_t seed, ThreadPool& pool);

/// LDA, unless another rule gets more of the left-out photos right beyond chance: then the best one. Beyond chance means
/// a difference of more than two standard errors, photo by photo: so few photos seldom show more (docs/few-photos.md).
std::size_t best_of(std::span<const Tried> tried);

/// Whether leave-one-out can choose: each class has two photos or more.
bool can_choose(const head::FewRows& rows);

/// The input of a rule.
struct Unit {
  std::vector<float> centre;  // empty: none
  head::FewRows rows;
};
Unit unit_rows(const Support& support, Centre centre);

struct Learnt {
  std::vector<float> centre;  // empty: none
  Tried taken;
  std::string reason;        // why that rule: "of 4 rules the least log loss on 25 photos left out"
  std::vector<Tried> tried;  // all rules, without their layers; in the order of kRules
};

/// Error (data) named `source` for fewer than 2 classes or more than kMostPhotos photos.
Learnt learn(const Support& support, RuleChoice rule, Centre centre, uint64_t seed, const std::string& source, ThreadPool& pool);
inline constexpr std::size_t kMostPhotos = 4000;

}  // namespace graft::shots

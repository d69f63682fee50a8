// From a few labelled photos to a classifier of them: one of the rules of head/closed, taken because it names photos best that it was solved without.
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
    "prototypes: the nearest mean of a class; lda: linear discriminant analysis with the covariance shrunk; ridge: least squares; logistic: logistic "
    "regression; auto: lda, or another that names more photos left out, one at a time, right beyond chance; prototypes where a class has one photo "
    "only";
inline constexpr const char* kCentreHelp =
    "what is taken from every photo's features before they are scaled to length 1; none: nothing; support: their mean over the labeled photos";

/// Features of labelled photos. Every class has at least one.
struct Support {
  std::vector<std::string> classes;
  std::vector<int> labels;    // of each photo
  std::vector<float> values;  // (photos, width)
  std::size_t width = 0;
};

/// What the rule says of photos that it was solved without, after its logits were divided by the temperature that suits them.
struct LeftOut {
  std::size_t photos;
  double accuracy, log_loss;
  std::vector<double> wrong = {};  // 1 of each photo that it names wrong, else 0
};

struct Tried {
  head::Rule rule;
  head::Solved solved;              // its layer is divided by the temperature
  std::optional<LeftOut> left_out;  // nothing where no photo can be left out
  double temperature = 1;           // by which the rule's own logits are divided
};

/// Its logits are divided by the temperature with the least log loss on the photos left out (trust::temper); where none can be, those that are sums of
/// cosines count ten times, as is usual for prototypes.
Tried try_rule(head::Rule rule, const head::FewRows& rows, uint64_t seed, ThreadPool& pool);

/// LDA, unless another rule names more of the photos left out right beyond chance: then the one that names most. Beyond chance is a difference of more than
/// two standard errors, photo by photo: so few photos seldom tell (docs/few-photos.md).
std::size_t best_of(std::span<const Tried> tried);

/// Whether leave-one-out can choose: each class has two photos or more.
bool can_choose(const head::FewRows& rows);

/// What a rule looks at.
struct Unit {
  std::vector<float> centre;  // empty: none
  head::FewRows rows;
};
Unit unit_rows(const Support& support, Centre centre);

struct Learnt {
  std::vector<float> centre;  // empty: none
  Tried taken;
  std::string reason;        // why that rule: "of 4 rules the least log loss on 25 photos left out"
  std::vector<Tried> tried;  // the others, too, without their layers; in the order of kRules
};

/// Error (data) named `source` for fewer than 2 classes or more than kMostPhotos photos.
Learnt learn(const Support& support, RuleChoice rule, Centre centre, uint64_t seed, const std::string& source, ThreadPool& pool);
inline constexpr std::size_t kMostPhotos = 4000;

}  // namespace graft::shots

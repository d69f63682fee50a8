// Whether a model works equally well for all: its numbers in each group of the photos, and the differences between groups
// compared with chance. Differences are defined as in Fairlearn 0.13 (Bird et al. 2020), each class against the rest.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graft/data/attributes.h"
#include "graft/eval/scores.h"
#include "graft/eval/tally.h"

namespace graft::eval {

/// 95 % interval of the difference of two independent proportions (Newcombe 1998, method 10).
Interval newcombe(const Proportion& first, const Proportion& second);

/// One class in one group: each photo has it or not, and is predicted to have it or not.
struct GroupClass {
  Proportion recall, false_alarms, answers;  // true positive rate, false positive rate, fraction of the photos predicted to have it
};

struct GroupScore {
  std::string name;
  long photos = 0;
  bool compared = false;                      // has photos enough
  Proportion accuracy;                        // every answer right
  double balanced_accuracy = 0;               // mean recall of the classes that occur in it
  std::optional<Interval> balanced_interval;  // by a bootstrap over the group's photos; none if all samples are the same
  double ece = 0;  // expected calibration error, kBins bins of equal width (Guo et al. 2017); of any number of classes over all answers
  std::optional<Interval> ece_interval;
  double confidence = 0,
         hits = 0;  // mean probability of the answer and how often it is right; of any number of classes of every class, and how often it is there
  std::vector<GroupClass> classes;
};

inline constexpr long kFewestOfClass = 5;  // groups are not compared by a rate with fewer photos than this in its denominator

enum class GapKind { accuracy, balanced_accuracy, calibration, demographic_parity, equalised_odds };

/// The largest difference between two groups.
struct Gap {
  GapKind kind = GapKind::accuracy;
  double size = 0;
  std::size_t high = 0, low = 0;  // the groups
  std::string of = {};            // for demographic parity and equalized odds: the class, and the rate of it that differs most: "recall of cat"
  std::optional<Interval> interval =
      {};  // of high - low, these two groups: Newcombe's of proportions, else of a bootstrap; none where nothing differs
  double p = 1,
         adjusted = 1;  // of a permutation test: how often groups dealt at random lie so far apart; among all gaps that are looked at (Holm 1979)
  bool by_chance() const { return adjusted > 0.05; }
};

/// The lowest recall of a class in a group with at least kFewestOfClass photos of it; the literature on shortcuts calls it worst-group accuracy.
struct WorstClass {
  std::size_t group, which;
};

struct ByAttribute {
  std::string name;
  bool crossed = false;  // of two attributes
  std::vector<GroupScore> groups;
  std::vector<Gap> gaps;             // none if fewer than two groups have enough photos
  std::optional<std::size_t> worst;  // the one with the lowest accuracy
  std::optional<WorstClass> worst_class;
};

struct ByGroup {
  long fewest = 0;  // photos of a group that is compared
  std::vector<std::string> classes;
  std::vector<ByAttribute> attributes;  // then each pair of them combined, if at least two of the combined groups have enough photos
};

/// `attributes`: of the photos of `truth`. Bootstrap and permutations (1,000 and up to 2,000) are the same each time. If photos have one
/// class each, the permutations for balanced accuracy and equalized odds shuffle the groups within each class, otherwise among all photos.
ByGroup by_group(const Truth& truth, std::span<const float> probabilities, std::span<const std::string> class_names,
                 std::span<const data::Attribute> attributes, long fewest);

nlohmann::ordered_json to_json(const ByGroup& groups);
/// For a terminal.
std::string to_table(const ByGroup& groups);
/// Only the worst group and the worst class in a group of each attribute, one line each.
std::string worst_of(const ByGroup& groups);

}  // namespace graft::eval

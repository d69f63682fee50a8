// Whether a model serves all alike: its numbers in each group of the photos, and how far the groups lie apart, with what chance alone would give.
// Definitions of gaps as Fairlearn 0.13 has them (Bird et al. 2020), each class against the rest.
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

/// Of the difference of two independent proportions, 95 % (Newcombe 1998, method 10).
Interval newcombe(const Proportion& first, const Proportion& second);

/// One class in one group: each photo has it or not, is said to have it or not.
struct GroupClass {
  Proportion recall, false_alarms, answers;  // true positive rate, false positive rate, part of the photos that are said to have it
};

struct GroupScore {
  std::string name;
  long photos = 0;
  bool compared = false;                      // has photos enough
  Proportion accuracy;                        // every answer right
  double balanced_accuracy = 0;               // mean recall of the classes that occur in it
  std::optional<Interval> balanced_interval;  // of a bootstrap over the group's photos; as Intervals none where all samples are the same
  double ece = 0;  // expected calibration error, kBins bins of equal width (Guo et al. 2017); of any number of classes over all answers
  std::optional<Interval> ece_interval;
  double confidence = 0,
         hits = 0;  // mean probability of the answer and how often it is right; of any number of classes of every class, and how often it is there
  std::vector<GroupClass> classes;
};

inline constexpr long kFewestOfClass = 5;  // photos of a group in the denominator of a rate, below which groups are not compared by it

enum class GapKind { accuracy, balanced_accuracy, calibration, demographic_parity, equalised_odds };

/// The largest difference between two groups.
struct Gap {
  GapKind kind = GapKind::accuracy;
  double size = 0;
  std::size_t high = 0, low = 0;  // the groups
  std::string of = {};            // of demographic parity and equalised odds: the class, and which rate of it is farthest apart: "recall of cat"
  std::optional<Interval> interval =
      {};  // of high - low, these two groups: Newcombe's of proportions, else of a bootstrap; none where nothing differs
  double p = 1,
         adjusted = 1;  // of a permutation test: how often groups dealt at random lie so far apart; among all gaps that are looked at (Holm 1979)
  bool by_chance() const { return adjusted > 0.05; }
};

/// The lowest recall of a class in a group with kFewestOfClass photos of it: what the literature on shortcuts calls worst-group accuracy.
struct WorstClass {
  std::size_t group, which;
};

struct ByAttribute {
  std::string name;
  bool crossed = false;  // of two attributes
  std::vector<GroupScore> groups;
  std::vector<Gap> gaps;             // none where fewer than two groups have photos enough
  std::optional<std::size_t> worst;  // of those the one with the lowest accuracy
  std::optional<WorstClass> worst_class;
};

struct ByGroup {
  long fewest = 0;  // photos of a group that is compared
  std::vector<std::string> classes;
  std::vector<ByAttribute> attributes;  // then each two of them crossed, where at least two of the crossed groups have photos enough
};

/// `attributes`: of the photos of `truth`. Bootstrap and permutations (1,000 and up to 2,000) are the same each time. Where photos have one class each,
/// the permutations behind balanced accuracy and equalised odds deal the groups anew within each class, else among all photos.
ByGroup by_group(const Truth& truth, std::span<const float> probabilities, std::span<const std::string> class_names,
                 std::span<const data::Attribute> attributes, long fewest);

nlohmann::ordered_json to_json(const ByGroup& groups);
/// For a terminal.
std::string to_table(const ByGroup& groups);
/// Of each attribute the worst group and the worst class in a group alone, a line each.
std::string worst_of(const ByGroup& groups);

}  // namespace graft::eval

// One class against all others at a probability threshold: how good a test for it would be.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "graft/eval/scores.h"

namespace graft::eval {

/// A share of some photos. nothing: there are no such photos, or every bootstrap sample gave the same.
struct Rate {
  long part, whole;
  std::optional<Interval> interval;
};

struct OperatingPoint {
  std::size_t label;
  float threshold;                     // a photo is predicted to have the class from this probability on
  std::optional<double> asked_recall;  // the recall for which the threshold was found on these photos; nothing: the threshold was given
  Rate sensitivity;                    // of the photos with the class, those predicted to have it: recall
  Rate specificity;                    // of the photos without it, those not predicted to have it
  Rate precision;                      // of the photos predicted to have it, those that do
};

/// The highest threshold at which at least `recall`, in (0, 1], of the photos with the class are found. Error (data) if no photo has it. The intervals are
/// Wilson's, or come from resampling the groups of `resampling`; they treat the threshold as fixed, so they do not include the optimism of choosing it on
/// these photos.
OperatingPoint point_at_recall(const Truth& truth, std::span<const float> probabilities, std::span<const std::string> class_names, std::size_t label,
                               double recall, const Resampling& resampling);

OperatingPoint point_at_threshold(const Truth& truth, std::span<const float> probabilities, std::size_t classes, std::size_t label, float threshold,
                                  const Resampling& resampling);

}  // namespace graft::eval

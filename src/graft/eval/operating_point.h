// One class against all others from a probability on: what a test for it would be worth.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "graft/eval/scores.h"

namespace graft::eval {

/// A part of some photos. nothing: there are none to be part of, or every sample of the bootstrap gave the same.
struct Rate {
  long part, whole;
  std::optional<Interval> interval;
};

struct OperatingPoint {
  std::size_t label;
  float threshold;                     // a photo is said to have the class from this probability on
  std::optional<double> asked_recall;  // for which the threshold was found, on these photos; nothing: it was given
  Rate sensitivity;                    // of the photos with the class, those said to have it: recall
  Rate specificity;                    // of the photos without it, those not said to
  Rate precision;                      // of those said to have it, those that do
};

/// The highest threshold by which at least `recall`, in (0, 1], of the photos with the class are found. Error (data) where no photo has it. The intervals are
/// Wilson's, or by drawing the groups of `resampling`; the threshold stands still in them, so that they leave out what choosing it on these photos flatters.
OperatingPoint point_at_recall(const Truth& truth, std::span<const float> probabilities, std::span<const std::string> class_names, std::size_t label,
                               double recall, const Resampling& resampling);

OperatingPoint point_at_threshold(const Truth& truth, std::span<const float> probabilities, std::size_t classes, std::size_t label, float threshold,
                                  const Resampling& resampling);

}  // namespace graft::eval

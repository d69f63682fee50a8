// A score of two models on the same photos: the difference, and how certain it is.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "graft/eval/scores.h"

namespace graft::eval {

struct ScoreDifference {
  double first, second, difference;  // first - second; NaN if one is undefined
  std::optional<Interval> interval;  // 95 %, of the difference; nothing if it is undefined, or the same in every sample
  int resamples;
  std::string_view drawn;  // as Intervals
};

/// Photos, or their groups, are resampled for both models at once, as intervals_of() does for one. `score`: one
/// of the task. A score computed from rankings has no interval if those are not resampled (Intervals::rankings).
ScoreDifference difference_in(const Truth& truth, std::span<const float> first, std::span<const float> second, std::size_t classes,
                              std::string_view score, const Resampling& resampling);

}  // namespace graft::eval

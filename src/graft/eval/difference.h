// A number of two models on the same photos: how far apart, and how sure that is.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "graft/eval/scores.h"

namespace graft::eval {

struct ScoreDifference {
  double first, second, difference;  // first - second; NaN where one is not defined
  std::optional<Interval> interval;  // 95 %, of the difference; nothing where it is not defined, or the same in every sample
  int resamples;
  std::string_view drawn;  // as Intervals
};

/// Photos, or their groups, are drawn again for both models at once, as intervals_of() does it for one. `score`: of the task. A score of the
/// rankings has no interval where those are not drawn (Intervals::rankings).
ScoreDifference difference_in(const Truth& truth, std::span<const float> first, std::span<const float> second, std::size_t classes,
                              std::string_view score, const Resampling& resampling);

}  // namespace graft::eval

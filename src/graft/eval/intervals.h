// 95 % intervals of all numbers of an evaluation: Wilson's where a number is a part of the photos, else by drawing the photos again (the bootstrap,
// Efron 1979).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graft/eval/numbers.h"

namespace graft::eval {

struct Interval {
  double low, high;
};
/// Score interval for a proportion (Wilson 1927); z = 1.96 for 95 %. No trials: [0, 1].
Interval wilson(long right, long total, double z = 1.959964);
Interval wilson(const Proportion& proportion);

struct Resampling {
  uint64_t seed = 0;
  int resamples = 0;                         // 0: 1,000, and fewer, down to 200, where photos times classes are more than 200,000
  int threads = 1;                           // the numbers do not depend on it
  std::span<const std::string> groups = {};  // of each photo, empty where it stands alone; such groups are drawn whole. None: all alone
};

struct Intervals {
  int resamples = 0;  // drawn; 0: there are no intervals
  uint64_t seed = 0;
  std::string_view drawn = {};                        // "photos of each class", "photos", "groups of each class" or "groups"
  bool rankings = true;                               // false: too many for AUROC and average precision to be drawn, which have no intervals
  std::vector<std::optional<Interval>> numbers = {};  // as numbers_of(task)
  std::vector<std::array<std::optional<Interval>, kClassNumbers>> classes = {};  // as class_numbers()
};

/// `all`: of the same photos, each once. Of SingleLabel as many photos of each class are drawn as there are. Of groups, none is taken for Wilson's. A number
/// has no interval where it is not defined, or where all samples gave the same.
Intervals intervals_of(const Truth& truth, std::span<const float> probabilities, const Tally& all, int top, const Resampling& resampling);

/// Percentiles of what samples gave, corrected for what they are off the estimate in the median (Efron 1987, without acceleration). NaN are left out; nothing
/// where fewer than half are numbers, or where all are the same.
std::optional<Interval> bootstrap_interval(std::vector<double> samples, double estimate);

}  // namespace graft::eval

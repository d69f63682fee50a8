// 95 % intervals of all numbers of an evaluation: Wilson's if the number is a
// share of the photos, otherwise by resampling the photos (bootstrap, Efron 1979).
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
  int resamples = 0;                         // 0: 1,000, or fewer, down to 200, if photos times classes exceed 200,000
  int threads = 1;                           // the numbers do not depend on it
  std::span<const std::string> groups = {};  // of each photo, empty for a photo on its own; groups are drawn whole. None: no groups
};

struct Intervals {
  int resamples = 0;  // number of samples; 0: there are no intervals
  uint64_t seed = 0;
  std::string_view drawn = {};                        // "photos of each class", "photos", "groups of each class" or "groups"
  bool rankings = true;                               // false: too many photos to resample AUROC and average precision, which then have no intervals
  std::vector<std::optional<Interval>> numbers = {};  // as numbers_of(task)
  std::vector<std::array<std::optional<Interval>, kClassNumbers>> classes = {};  // as class_numbers()
};

/// `all`: of the same photos, each once. For SingleLabel, as many photos of each class are drawn as there are. With
/// groups, Wilson's intervals are not used. A number has no interval if it is undefined, or if all samples gave the same.
Intervals intervals_of(const Truth& truth, std::span<const float> probabilities, const Tally& all, int top, const Resampling& resampling);

/// Percentiles of the samples, corrected for the bias of their median (Efron 1987, without
/// acceleration). NaN are left out; nothing if fewer than half are numbers, or if all are the same.
std::optional<Interval> bootstrap_interval(std::vector<double> samples, double estimate);

}  // namespace graft::eval

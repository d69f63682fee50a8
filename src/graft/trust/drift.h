// Whether photos that come in are still like those that a model was made with, and what that does to its accuracy; without a label.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "graft/base/thread_pool.h"
#include "graft/eval/evaluation.h"

namespace graft::trust {

/// Classifier two-sample test (Lopez-Paz and Oquab 2017): can a linear classifier, cross-validated in five parts, tell new photos from old ones? By least squares with a ridge
/// (Fisher's discriminant), whose answers to all parts are one product with the labels: so every permutation trains it again, and the p value is exact.
struct TwoSample {
  double accuracy = 0;          // of it, on photos that were held out; 0.5 where both are alike
  double p = 1;                 // of as high an accuracy by chance
  std::size_t each = 0;         // photos of each kind: as many of both, at most 300
  std::size_t near_copies = 0;  // that were left out, for a scene that was taken twice is one witness
};
inline constexpr int kPermutations = 999;
inline constexpr std::size_t kFewestToCompare = 10;  // photos of each kind

/// Unit rows (photos, width) each. Of photos of one kind with a cosine of 0.98 and more one has a part, of an old and a
/// new one the new. `each` is below kFewestToCompare, and p 1, where too few are left.
/// The same for any number of threads.
TwoSample two_sample_test(std::span<const float> before, std::span<const float> now, std::size_t width, uint64_t seed, ThreadPool& pool);

/// Average thresholded confidence (Garg et al. 2022): the part of the new photos whose largest probability is above a threshold, which as many old ones are
/// above as were answered right.
struct EstimatedAccuracy {
  double accuracy;
  eval::Interval interval;  // 95 %, of old and new photos drawn again (bootstrap, 1,000 times)
  double threshold;
  double before;  // accuracy on the old photos
};
/// The largest probability of each photo, and of the old ones which answers were right (not 0). None may be empty.
EstimatedAccuracy estimate_accuracy(std::span<const float> before, std::span<const char> right, std::span<const float> now, uint64_t seed);

}  // namespace graft::trust

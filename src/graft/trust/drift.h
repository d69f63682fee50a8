// Whether new photos are still like those that a model was made with, and how that affects its accuracy; without labels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "graft/base/thread_pool.h"
#include "graft/eval/evaluation.h"

namespace graft::trust {

/// Classifier two-sample test (Lopez-Paz and Oquab 2017): can a linear classifier, cross-validated in five parts, tell new photos from old ones? By ridge
/// regression (Fisher's discriminant), whose held-out answers are a single matrix product with the labels. So every permutation trains it again, and the p
/// value is exact.
struct TwoSample {
  double accuracy = 0;          // its accuracy on held-out photos; 0.5 if both are alike
  double p = 1;                 // the probability of an accuracy as high by chance
  std::size_t each = 0;         // photos of each kind, equally many of both, at most 300
  std::size_t near_copies = 0;  // left out, because a scene that was photographed twice is one observation
};
inline constexpr int kPermutations = 999;
inline constexpr std::size_t kFewestToCompare = 10;  // photos of each kind

/// Unit rows (photos, width) each. Of photos of one kind with a cosine of at least
/// 0.98 only one is used; of an old and a new one, the new one. If too few are left,
/// `each` is below kFewestToCompare and p is 1. The same for any number of threads.
TwoSample two_sample_test(std::span<const float> before, std::span<const float> now, std::size_t width, uint64_t seed, ThreadPool& pool);

/// Average thresholded confidence (Garg et al. 2022): the fraction of new photos whose largest probability
/// is above a threshold. The threshold is where the fraction of old photos above it equals their accuracy.
struct EstimatedAccuracy {
  double accuracy;
  eval::Interval interval;  // 95 %, by resampling old and new photos (bootstrap, 1,000 times)
  double threshold;
  double before;  // accuracy on the old photos
};
/// The largest probability of each photo, and for the old ones whether the answer was right (not 0). None may be empty.
EstimatedAccuracy estimate_accuracy(std::span<const float> before, std::span<const char> right, std::span<const float> now, uint64_t seed);

}  // namespace graft::trust

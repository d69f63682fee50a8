// How the training photos look to a model, in a form small enough for its file, and how far a photo is from that. Only the network's
// last features are used, scaled to length 1: with the averages of the earlier stages, or without the scaling, both distances
// recognized strangers less well in all that was tried (docs/trust.md; Mueller and Hein 2025 find the same for the scaling).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "graft/base/thread_pool.h"
#include "graft/head/logistic.h"

namespace graft::trust {

/// Classes as clouds of one shape (Lee et al. 2018): a mean for each class, and the directions in which photos of a class vary. Besides the kDirections
/// of the largest variance, all directions share one variance (probabilistic PCA, Tipping and Bishop 1999); a few dozen photos are enough for that.
struct Clouds {
  std::size_t width = 0;
  std::vector<float> means;       // (classes that have photos, width)
  std::vector<float> directions;  // (variances, width), of length 1, at right angles
  std::vector<float> variances;   // along them, at least `rest`
  float rest = 0;                 // > 0: variance along any other direction
};
inline constexpr std::size_t kDirections = 32;

/// Rows for the nearest neighbors (Sun et al. 2022), of length 1.
struct Neighbours {
  std::size_t width = 0;
  std::vector<float> rows;  // (photos, width)
};
/// Which neighbor counts: the fifth, or the last one if there are fewer.
inline constexpr std::size_t kNeighbour = 5;

/// Labeled rows of features. A row with label -1 has no class and is left out.
struct KnownRows {
  head::Features features;
  std::span<const int> labels;
};

/// The first `width` features of the rows asked for, scaled to length 1 (zeros stay zeros). (which, width)
std::vector<float> unit_rows(const head::Features& features, std::span<const std::size_t> which, std::size_t width);

/// At most `most` of the rows, as equally many of each class as possible, drawn at random by `seed`; ascending.
std::vector<std::size_t> balanced(std::span<const int> labels, std::size_t most, uint64_t seed);

/// From unit rows (labels, width), at least one. The values are rounded to half precision, as in the model's file. The same for any number of threads.
Clouds find_clouds(std::span<const float> rows, std::span<const int> labels, std::size_t width, uint64_t seed, ThreadPool& pool);

/// Square of the Mahalanobis distance to the nearest mean, divided by the width of the clouds. `unit`: a unit row.
double distance(const Clouds& clouds, std::span<const float> unit);

/// 1 - cosine to the kNeighbour-th nearest row.
double distance(const Neighbours& neighbours, std::span<const float> unit);

}  // namespace graft::trust

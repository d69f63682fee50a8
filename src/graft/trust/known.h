// What the photos that a model was trained on look like to it, small enough to be kept in its file; and how far a photo is from that. Of what the last layer
// reads the network's last features alone are looked at, at length 1: with the averages of the earlier stages, or not of length 1, both distances told
// strangers less well on all that was tried (docs/trust.md; Mueller and Hein 2025 find the same of the second).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "graft/base/thread_pool.h"
#include "graft/head/logistic.h"

namespace graft::trust {

/// Classes as clouds of one shape (Lee et al. 2018): a mean for each, and the directions in which photos differ within their class. Outside of the
/// kDirections of the largest variance all directions share one (probabilistic PCA, Tipping and Bishop 1999), which a few dozen photos suffice for.
struct Clouds {
  std::size_t width = 0;
  std::vector<float> means;       // (classes that have photos, width)
  std::vector<float> directions;  // (variances, width), of length 1, at right angles
  std::vector<float> variances;   // along them, at least `rest`
  float rest = 0;                 // > 0: variance along any other direction
};
inline constexpr std::size_t kDirections = 32;

/// Rows for the nearest neighbours (Sun et al. 2022), of length 1.
struct Neighbours {
  std::size_t width = 0;
  std::vector<float> rows;  // (photos, width)
};
/// Which of the neighbours counts: the fifth, or the last of fewer photos.
inline constexpr std::size_t kNeighbour = 5;

/// Labelled rows of features. A label of -1 is of no class: the row is left out.
struct KnownRows {
  head::Features features;
  std::span<const int> labels;
};

/// The first `width` features of each row that is asked for, at length 1; one of zeros stays so. (which, width)
std::vector<float> unit_rows(const head::Features& features, std::span<const std::size_t> which, std::size_t width);

/// At most `most` of the rows, the classes as equal as they can be, at random by `seed`; ascending.
std::vector<std::size_t> balanced(std::span<const int> labels, std::size_t most, uint64_t seed);

/// By unit rows (labels, width), at least one. The values are rounded to half precision, as the model's file keeps them. The same for any number of threads.
Clouds find_clouds(std::span<const float> rows, std::span<const int> labels, std::size_t width, uint64_t seed, ThreadPool& pool);

/// Square of the Mahalanobis distance to the nearest mean, by the width of the clouds. `unit`: a unit row.
double distance(const Clouds& clouds, std::span<const float> unit);

/// 1 - cosine to the kNeighbour-th nearest row.
double distance(const Neighbours& neighbours, std::span<const float> unit);

}  // namespace graft::trust

// Which pairs of photos may be copies of each other: few enough to compare each by its pixels, in n log n of the number of photos.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "graft/base/thread_pool.h"
#include "graft/doctor/low_frequencies.h"
#include "graft/search/table.h"

namespace graft::doctor {

/// How many of the nearest photos of each are examined, by low frequencies and again by features.
inline constexpr std::size_t kNearest = 12;
/// Two photos are examined if the cosine of their features is at least this.
inline constexpr float kFeatureCosine = 0.8F;

using RowPair = std::pair<std::size_t, std::size_t>;  // ascending

/// Pairs of `rows`, which are indices into both tables, ascending, each once: those whose low frequencies are nearest in
/// any of the eight symmetries, and those whose features are nearest. `features`: null if there are none; rows of zeros
/// have none. All rows are compared if that is faster than building a graph of near rows (search/neighbour_graph.h).
std::vector<RowPair> likely_pairs(std::span<const std::size_t> rows, std::span<const LowFrequencies> low, const search::Table* features,
                                  ThreadPool& pool);

}  // namespace graft::doctor

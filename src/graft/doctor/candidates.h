// Which pairs of photos may be copies of each other, so few that each can be judged by its pixels: n log n in the number of photos.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "graft/base/thread_pool.h"
#include "graft/doctor/low_frequencies.h"
#include "graft/search/table.h"

namespace graft::doctor {

/// Photos nearest to each that are looked at, by low frequencies and again by features.
inline constexpr std::size_t kNearest = 12;
/// Cosine of the features of two photos from which on they are looked at.
inline constexpr float kFeatureCosine = 0.8F;

using RowPair = std::pair<std::size_t, std::size_t>;  // ascending

/// Pairs of `rows`, which number photos of both tables, ascending, each once: those whose low frequencies are nearest to each other in any of the eight
/// symmetries, and those whose features are. `features`: null where there are none; rows of zeros have none. Compared with each other where that takes less
/// than building a graph of near rows (search/neighbour_graph.h).
std::vector<RowPair> likely_pairs(std::span<const std::size_t> rows, std::span<const LowFrequencies> low, const search::Table* features,
                                  ThreadPool& pool);

}  // namespace graft::doctor

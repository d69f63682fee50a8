// Photos that are copies of each other, but not to the pixel: recompressed, resized, cropped by a few percent, mirrored, rotated.
//
// 1. likely_pairs (candidates.h): by low frequencies in any of the eight symmetries, and by features if there are any.
// 2. The small pictures are aligned (align.h), which rules out most pairs.
// 3. The remaining pairs are read again from the files, aligned at up to 128 x 128 pixels, and judged by the correlation of their fine structure (detail.h),
// so that
//    soft shades do not count. Colours must be the same.
// 4. If many photos of a data set look alike, as solar cells do, what they have in common means nothing: it is removed, and the rest is judged, at a
//    quarter of the difference that is allowed elsewhere (0.95 in place of 0.8). Even then neighbours in a series, such as cells of one wafer, cannot be
//    told from copies for sure: such pairs are marked (`alike`), and only a person decides.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "graft/base/thread_pool.h"
#include "graft/doctor/photo_facts.h"
#include "graft/doctor/symmetry.h"
#include "graft/search/table.h"

namespace graft::doctor {

/// Correlation of the fine structure from which on two photos are copies.
inline constexpr double kCopyThreshold = 0.8;

struct NearCopyOptions {
  double threshold = kCopyThreshold;        // in (0, 1]
  const search::Table* features = nullptr;  // of all photos of the report, a row each; zeros: none
  uint64_t seed = 0;                        // for choosing the photos that tell what a data set has in common
};

struct CopyPair {
  std::size_t a, b;  // rows, ascending
  double similarity;
  Symmetry symmetry = {};  // how `a` becomes `b`
  bool alike = false;      // many photos of the data set look like these, so they may be neighbors in a series rather than copies
  bool operator==(const CopyPair&) const = default;
};

/// Among the readable photos, using only the first of those with the same pixels; ascending. `begin` is called with the
/// number of candidate pairs; the function it returns is called with the number of pairs just judged, from one thread.
using BeginPairs = std::function<std::function<void(std::size_t)>(std::size_t pairs)>;
std::vector<CopyPair> near_pairs(std::span<const PhotoFacts> photos, const NearCopyOptions& options, ThreadPool& pool, const BeginPairs& begin = {});

/// Rows connected by pairs, directly or through others: ascending, at least two, ordered by their first; with the lowest similarity of the pairs that connect
/// them.
struct CopyGroup {
  std::vector<std::size_t> rows;
  double similarity;
  Symmetry symmetry = {};  // of the pair, if there is only one
  bool alike = false;      // whether any pair is
};
std::vector<CopyGroup> groups_of(std::span<const CopyPair> pairs, std::size_t photos);

}  // namespace graft::doctor

// Photos that are copies of each other, though not to the pixel: recompressed, resized, cropped by some per cent, mirrored, turned.
//
// 1. likely_pairs (candidates.h): by low frequencies in any of the eight symmetries, and by features where there are some.
// 2. The small pictures are aligned (align.h), which ends most pairs.
// 3. What is left is read again from the files, aligned at up to 128 x 128 pixels, and judged by the correlation of its fine structure (detail.h), so that
//    soft shades do not count. Colours must be the same.
// 4. Where many photos of a set look alike, as solar cells do, what they have in common says nothing: it is taken out, and the rest is judged, at a
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
  uint64_t seed = 0;                        // of the photos that tell what a set has in common
};

struct CopyPair {
  std::size_t a, b;  // rows, ascending
  double similarity;
  Symmetry symmetry = {};  // what was done to `a`
  bool alike = false;      // many photos of the set look like these, so that they may be neighbours in a series and no copies
  bool operator==(const CopyPair&) const = default;
};

/// Among the readable photos, of those with the same pixels the first alone; ascending. `begin` is called with the number of pairs that
/// may be, and gives what is called with the number of pairs just judged, from one thread.
using BeginPairs = std::function<std::function<void(std::size_t)>(std::size_t pairs)>;
std::vector<CopyPair> near_pairs(std::span<const PhotoFacts> photos, const NearCopyOptions& options, ThreadPool& pool, const BeginPairs& begin = {});

/// Rows that pairs join, directly or by others: ascending, two at least, ordered by their first; with the least similarity of a pair that joins them.
struct CopyGroup {
  std::vector<std::size_t> rows;
  double similarity;
  Symmetry symmetry = {};  // of the pair where it is but one
  bool alike = false;      // some pair is
};
std::vector<CopyGroup> groups_of(std::span<const CopyPair> pairs, std::size_t photos);

}  // namespace graft::doctor

#include "graft/doctor/near_copies.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <unordered_set>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/rng.h"
#include "graft/doctor/align.h"
#include "graft/doctor/candidates.h"
#include "graft/doctor/detail.h"
#include "graft/image/decode.h"

namespace graft::doctor {
namespace {

constexpr double kSmallCorrelation = 0.85;   // of small pictures; less is no copy
constexpr double kLooksAlike = 0.6;          // of the fine structure
constexpr std::size_t kManyAlike = 6;        // photos that look like one, from which on what they have in common says nothing
constexpr double kAlikeShare = 0.05;         // of the photos with so many, from which on the set is of like photos
constexpr std::ptrdiff_t kAlikePhotos = 32;  // and at least this many of them
constexpr double kStricter = 4;              // there a pair may be so much less different
constexpr double kMostColour = 20;           // of 255, root mean square
constexpr std::size_t kBlock = 1024;         // pairs judged at once: at most twice as many photos of 64 KiB are held
constexpr std::size_t kSampled = 256;

struct Judged {
  std::size_t a, b;
  Symmetry symmetry;
  Frame frame;
  double similarity;
  double threshold = 0;
  bool alike = false;
};

int shorter_side(const PhotoFacts& photo) { return std::min(photo.width, photo.height); }

/// Of the squares that are compared: as fine as most photos are.
int side_for(std::span<const PhotoFacts> photos, std::span<const std::size_t> rows) {
  std::vector<int> sides;
  for (const std::size_t row : rows) sides.push_back(shorter_side(photos[row]));
  const auto middle = sides.begin() + static_cast<std::ptrdiff_t>(sides.size() / 2);
  std::ranges::nth_element(sides, middle);
  return *middle >= 96 ? 128 : *middle >= 48 ? 64 : 32;
}

std::vector<std::size_t> comparable(std::span<const PhotoFacts> photos, std::span<const LowFrequencies> low) {
  std::vector<std::size_t> rows;
  std::unordered_set<Hash128> seen;
  for (std::size_t i = 0; i < photos.size(); ++i)
    if (photos[i].readable() && !low[i].flat && seen.insert(photos[i].pixel_hash).second) rows.push_back(i);
  return rows;
}

Look read_look(const PhotoFacts& photo, int side, int information) {
  try {
    const image::DecodeOptions options{.enough = side};
    return look_of(image::decode(read_file(photo.sample.path), photo.name, options), side, information);
  } catch (const Error&) {
    return {};  // it could be read a moment ago: the folder is being changed
  }
}

/// Where the small pictures correlate best, of the symmetries that their low frequencies make likely.
Judged align_small(const PhotoFacts& a, const PhotoFacts& b, const LowFrequencies& low_a, const LowFrequencies& low_b) {
  constexpr std::size_t kTried = 3;
  constexpr int kSteps = 12;
  std::array<std::pair<float, std::size_t>, kSymmetries.size()> order;
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = {-correlation(laid(low_a, kSymmetries[i]), low_b), i};
  std::ranges::sort(order);
  const Plane still = smooth(plane_of(a.small, kSmall)), moving = smooth(plane_of(b.small, kSmall));
  Judged best{.similarity = -1};
  for (std::size_t i = 0; i < kTried; ++i) {
    const Symmetry& symmetry = kSymmetries[order[i].second];
    const Plane turned = laid(still, symmetry);
    const Frame frame = align(turned, moving, {}, kSteps);
    const double now = correlation(turned, moved(moving, frame));
    if (now > best.similarity) best = {.symmetry = symmetry, .frame = frame, .similarity = now};
  }
  return best;
}

/// Finer and finer, from where the small pictures were.
Frame align_fine(const Plane& still, const Plane& moving, Frame frame) {
  constexpr int kSteps = 8;
  std::vector<std::pair<Plane, Plane>> levels{{still, moving}};
  while (levels.back().first.side > kSmall) levels.emplace_back(halved(levels.back().first), halved(levels.back().second));
  for (auto level = levels.rbegin(); level != levels.rend(); ++level) frame = align(level->first, level->second, frame, kSteps);
  return frame;
}

/// By the whole fine structure; the frame is found where the small pictures left it.
void judge(const Look& a, const Look& b, bool colours_count, Judged& pair) {
  pair.similarity = 0;
  if (a.empty() || b.empty() || (colours_count && colour_difference(a, pair.symmetry, b) > kMostColour)) return;
  const Plane still = laid(a.luma, pair.symmetry);
  pair.frame = align_fine(still, b.luma, pair.frame);
  pair.similarity = correlation(detail_of(still), moved(detail_of(b.luma), pair.frame));
}

/// By what of it is their own, seen both ways where one is turned or mirrored: the set has it upright in common.
void judge_own(const Look& a, const Look& b, const Common& common, Judged& pair) {
  if (a.empty() || b.empty()) return;
  const Plane still = laid(detail_of(a.luma), pair.symmetry), other = moved(detail_of(b.luma), pair.frame);
  pair.similarity = std::min(pair.similarity, correlation(common.without(still, still), common.without(other, still)));
}

class NearCopies {
 public:
  NearCopies(std::span<const PhotoFacts> photos, const NearCopyOptions& options, ThreadPool& pool)
      : photos_(photos), options_(options), pool_(pool) {}

  std::vector<CopyPair> find(const BeginPairs& begin) {
    find_low_frequencies();
    const std::vector<std::size_t> rows = comparable(photos_, low_);
    if (rows.size() < 2) return {};
    side_ = side_for(photos_, rows);
    const std::vector<RowPair> likely = likely_pairs(rows, low_, options_.features, pool_);
    if (begin) advance_ = begin(likely.size());
    std::vector<Judged> pairs = likely_in_small(likely);
    each_with_looks(pairs, [&](const Look& a, const Look& b, Judged& pair) { judge(a, b, !photos_[pair.a].grey && !photos_[pair.b].grey, pair); });
    std::erase_if(pairs, [](const Judged& pair) { return pair.similarity < kLooksAlike; });
    for (Judged& pair : pairs) pair.threshold = options_.threshold;
    advance_ = nullptr;  // what follows is seldom
    look_closer(pairs, rows);
    std::vector<CopyPair> copies;
    for (const Judged& pair : pairs)
      if (pair.similarity >= pair.threshold) copies.push_back({pair.a, pair.b, pair.similarity, pair.symmetry, pair.alike});
    return copies;
  }

 private:
  void advance(std::size_t pairs) const {
    if (advance_ && pairs > 0) advance_(pairs);
  }

  void find_low_frequencies() {
    low_.resize(photos_.size());
    pool_.parallel_for(photos_.size(), [&](std::size_t i) {
      if (photos_[i].readable()) low_[i] = low_frequencies(photos_[i].small, kSmall);
    });
  }

  std::vector<Judged> likely_in_small(const std::vector<RowPair>& likely) {
    std::vector<Judged> pairs;
    for (std::size_t first = 0; first < likely.size(); first += kBlock) {
      check_interrupted();
      std::vector<Judged> block(std::min(kBlock, likely.size() - first));
      pool_.parallel_for(block.size(), [&](std::size_t i) {
        const auto [a, b] = likely[first + i];
        block[i] = align_small(photos_[a], photos_[b], low_[a], low_[b]);
        block[i].a = a, block[i].b = b;
      });
      const std::size_t before = pairs.size();
      std::ranges::copy_if(block, std::back_inserter(pairs), [](const Judged& pair) { return pair.similarity >= kSmallCorrelation; });
      advance(block.size() - (pairs.size() - before));
    }
    return pairs;
  }

  /// Calls `look(a, b, pair)` for each pair with both photos read again, which those of a block share.
  template <class F>
  void each_with_looks(std::span<Judged> pairs, const F& look) {
    for (std::size_t first = 0; first < pairs.size(); first += kBlock) {
      check_interrupted();
      const auto block = pairs.subspan(first, std::min(kBlock, pairs.size() - first));
      std::map<std::pair<std::size_t, int>, Look> looks;  // by photo, and by how fine
      for (const Judged& pair : block)
        for (const std::size_t row : {pair.a, pair.b}) looks[{row, information(pair)}];
      std::vector<std::pair<const std::pair<std::size_t, int>, Look>*> places;
      for (auto& place : looks) places.push_back(&place);
      pool_.parallel_for(places.size(), [&](std::size_t i) {
        const auto& [row, fine] = places[i]->first;
        places[i]->second = read_look(photos_[row], side_, fine);
      });
      pool_.parallel_for(block.size(), [&](std::size_t i) {
        Judged& pair = block[i];
        look(looks.at({pair.a, information(pair)}), looks.at({pair.b, information(pair)}), pair);
      });
      advance(block.size());
    }
  }

  int information(const Judged& pair) const { return std::min({side_, shorter_side(photos_[pair.a]), shorter_side(photos_[pair.b])}); }

  /// Pairs of photos that many others look like, and all pairs where that is common in the set, are judged again without what the set has in common, and
  /// more strictly: cells of one wafer, digits of one font are still much alike.
  void look_closer(std::vector<Judged>& pairs, std::span<const std::size_t> rows) {
    std::vector<std::size_t> alike(photos_.size());
    for (const Judged& pair : pairs) ++alike[pair.a], ++alike[pair.b];
    const auto many = std::ranges::count_if(alike, [](std::size_t count) { return count >= kManyAlike; });
    const bool all = static_cast<double>(many) >= kAlikeShare * static_cast<double>(rows.size()) && many >= kAlikePhotos;
    const auto rest = std::ranges::partition(pairs, [&](const Judged& pair) { return !all && std::min(alike[pair.a], alike[pair.b]) < kManyAlike; });
    if (rest.empty()) return;
    const Common common = common_of(rows);
    if (!common.empty()) {
      each_with_looks(rest, [&](const Look& a, const Look& b, Judged& pair) { judge_own(a, b, common, pair); });
      for (Judged& pair : rest) pair.threshold = 1 - (1 - options_.threshold) / kStricter, pair.alike = true;
    }
    std::ranges::sort(pairs, {}, [](const Judged& pair) { return std::pair(pair.a, pair.b); });
  }

  Common common_of(std::span<const std::size_t> rows) {
    std::vector<std::size_t> some(rows.begin(), rows.end());
    Rng(options_.seed, 0).shuffle(std::span(some));
    some.resize(std::min(some.size(), kSampled));
    std::vector<Plane> details(some.size());
    pool_.parallel_for(some.size(), [&](std::size_t i) {
      const Look look = read_look(photos_[some[i]], side_, side_);
      if (!look.empty()) details[i] = detail_of(look.luma);
    });
    std::erase_if(details, [](const Plane& plane) { return plane.side == 0; });
    return {details, pool_};
  }

  std::span<const PhotoFacts> photos_;
  const NearCopyOptions& options_;
  ThreadPool& pool_;
  std::function<void(std::size_t)> advance_;
  std::vector<LowFrequencies> low_;
  int side_ = 0;
};

}  // namespace

std::vector<CopyPair> near_pairs(std::span<const PhotoFacts> photos, const NearCopyOptions& options, ThreadPool& pool, const BeginPairs& begin) {
  return NearCopies(photos, options, pool).find(begin);
}

std::vector<CopyGroup> groups_of(std::span<const CopyPair> pairs, std::size_t photos) {
  std::vector<std::size_t> parent(photos);
  std::iota(parent.begin(), parent.end(), std::size_t{0});
  const auto root = [&](std::size_t row) {
    while (parent[row] != row) row = parent[row] = parent[parent[row]];
    return row;
  };
  for (const CopyPair& pair : pairs) {  // the first row of a group is its root
    const auto [first, second] = std::minmax({root(pair.a), root(pair.b)});
    parent[second] = first;
  }
  std::map<std::size_t, CopyGroup> groups;
  for (const CopyPair& pair : pairs) {
    const auto [place, fresh] = groups.try_emplace(root(pair.a), CopyGroup{{}, pair.similarity, pair.symmetry});
    place->second.similarity = std::min(place->second.similarity, pair.similarity);
    place->second.alike = place->second.alike || pair.alike;
    for (const std::size_t row : {pair.a, pair.b}) place->second.rows.push_back(row);
  }
  std::vector<CopyGroup> result;
  for (auto& [first, group] : groups) {
    std::ranges::sort(group.rows);
    const auto [again, end] = std::ranges::unique(group.rows);
    group.rows.erase(again, end);
    if (group.rows.size() > 2) group.symmetry = {};
    result.push_back(std::move(group));
  }
  return result;
}

}  // namespace graft::doctor

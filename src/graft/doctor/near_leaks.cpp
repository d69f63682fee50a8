#include "graft/doctor/near_leaks.h"

#include <algorithm>
#include <functional>
#include <unordered_map>
#include <unordered_set>

#include "graft/base/error.h"
#include "graft/doctor/candidates.h"
#include "graft/search/nearest.h"

namespace graft::doctor {
namespace {

constexpr std::size_t kAtOnce = 16;
constexpr std::size_t kContext = 256;

struct Likely {
  std::size_t train, val;  // rows of the photos
  float similarity;        // of their features
};

/// The most similar first.
std::vector<Likely> likely_leaks(std::span<const PhotoFacts> photos, const search::Table& train_features, const search::Table& val_features,
                                 ThreadPool& pool) {
  const std::size_t train = train_features.rows;
  std::unordered_set<Hash128> trained;
  for (const PhotoFacts& photo : photos.first(train)) trained.insert(photo.file_hash);
  const auto nearest = search::nearest(train_features, val_features.values, 1, pool, "features");
  std::vector<Likely> pairs;
  for (std::size_t i = 0; i < nearest.size(); ++i)
    if (!nearest[i].empty() && nearest[i][0].similarity >= kFeatureCosine && !trained.contains(photos[train + i].file_hash))
      pairs.push_back({nearest[i][0].row, train + i, nearest[i][0].similarity});
  std::ranges::stable_sort(pairs, std::greater(), &Likely::similarity);
  return pairs;
}

std::vector<PhotoFacts> decoded(std::span<const PhotoFacts> photos, std::span<const std::size_t> rows, ThreadPool& pool) {
  std::vector<PhotoFacts> facts;
  for (const std::size_t row : rows) facts.push_back({.sample = photos[row].sample, .part = photos[row].part, .name = photos[row].name});
  gather(facts, pool);
  return facts;
}

/// Training photos, evenly spread.
std::vector<PhotoFacts> some_of(std::span<const PhotoFacts> train, ThreadPool& pool) {
  std::vector<std::size_t> rows;
  const std::size_t count = std::min(train.size(), kContext);
  for (std::size_t i = 0; i < count; ++i) rows.push_back(i * train.size() / count);
  return decoded(train, rows, pool);
}

/// Leaks among the photos of these pairs. `context`: photos that tell what the photos of the set have in common.
NearLeaks judged(std::span<const PhotoFacts> photos, std::span<const Likely> pairs, const std::vector<PhotoFacts>& context, ThreadPool& pool) {
  std::vector<std::size_t> rows;
  for (const Likely& pair : pairs) rows.insert(rows.end(), {pair.train, pair.val});
  std::ranges::sort(rows);
  const auto [again, end] = std::ranges::unique(rows);
  rows.erase(again, end);
  std::vector<PhotoFacts> looked = decoded(photos, rows, pool);
  std::unordered_map<Hash128, std::size_t> trained;
  NearLeaks leaks;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!looked[i].readable()) continue;
    if (looked[i].part == data::Part::train) trained.try_emplace(looked[i].pixel_hash, rows[i]);
    else if (const auto same = trained.find(looked[i].pixel_hash); same != trained.end()) leaks.same.push_back({same->second, rows[i], 1});
  }
  looked.insert(looked.end(), context.begin(), context.end());
  for (CopyPair pair : near_pairs(looked, {}, pool)) {
    if (pair.b >= rows.size() || looked[pair.a].part == looked[pair.b].part) continue;
    pair.a = rows[pair.a], pair.b = rows[pair.b];
    leaks.near.push_back(pair);
  }
  return leaks;
}

void add(std::vector<CopyPair>& all, const std::vector<CopyPair>& some) {
  const auto rows = [](const CopyPair& pair) { return std::pair(pair.a, pair.b); };
  all.insert(all.end(), some.begin(), some.end());
  std::ranges::sort(all, {}, rows);
  const auto [again, end] = std::ranges::unique(all, {}, rows);
  all.erase(again, end);
}

}  // namespace

NearLeaks near_leaks(std::span<const PhotoFacts> photos, const search::Table& train_features, const search::Table& val_features, ThreadPool& pool) {
  const std::vector<Likely> pairs = likely_leaks(photos, train_features, val_features, pool);
  NearLeaks leaks;
  std::vector<PhotoFacts> context;
  for (std::size_t first = 0; first < pairs.size(); first += kAtOnce) {
    check_interrupted();
    const auto some = std::span(pairs).subspan(first, std::min(kAtOnce, pairs.size() - first));
    NearLeaks found = judged(photos, some, context, pool);
    if (!found.near.empty() && context.empty()) {  // so that photos which all look alike, as solar cells do, are not taken for copies
      context = some_of(photos.first(train_features.rows), pool);
      found = judged(photos, some, context, pool);
    }
    add(leaks.same, found.same);
    add(leaks.near, found.near);
    if (4 * (found.same.size() + found.near.size()) < kAtOnce) break;
  }
  return leaks;
}

}  // namespace graft::doctor

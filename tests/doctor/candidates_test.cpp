#include "graft/doctor/candidates.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "graft/base/rng.h"

namespace graft::doctor {
namespace {

/// Photos of random low frequencies; every tenth is a little changed copy of the one before.
std::vector<LowFrequencies> made(std::size_t count) {
  std::vector<LowFrequencies> low(count);
  Rng rng(3, 0);
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t k = 1; k < kCoefficients; ++k)
      low[i].values[k] = i % 10 == 1 ? low[i - 1].values[k] + 0.1F * static_cast<float>(rng.uniform()) : static_cast<float>(rng.uniform() - 0.5);
  return low;
}

std::vector<std::size_t> all(std::size_t count) {
  std::vector<std::size_t> rows(count);
  for (std::size_t i = 0; i < count; ++i) rows[i] = i;
  return rows;
}

TEST(Candidates, CopiesAreAmongThemAndTheyAreFew) {
  ThreadPool pool(2);
  const std::vector<LowFrequencies> low = made(400);
  const std::vector<RowPair> pairs = likely_pairs(all(400), low, nullptr, pool);
  EXPECT_LE(pairs.size(), 400 * kNearest);
  for (std::size_t i = 0; i < 400; i += 10) EXPECT_TRUE(std::ranges::binary_search(pairs, RowPair(i, i + 1))) << i;
  EXPECT_TRUE(std::ranges::is_sorted(pairs));
}

TEST(Candidates, AManyPhotosSetIsLookedUpInAGraph) {
  ThreadPool pool(2);
  constexpr std::size_t kCount = 7000;  // more than are compared with each other
  const std::vector<LowFrequencies> low = made(kCount);
  const std::vector<RowPair> pairs = likely_pairs(all(kCount), low, nullptr, pool);
  std::size_t found = 0;
  for (std::size_t i = 0; i < kCount; i += 10) found += std::ranges::binary_search(pairs, RowPair(i, i + 1)) ? 1 : 0;
  EXPECT_GE(found, kCount / 10 * 99 / 100);
}

TEST(Candidates, OnlyTheRowsAskedForAndFeaturesThatAreNear) {
  ThreadPool pool(1);
  const std::vector<LowFrequencies> low = made(30);
  const auto values = std::make_shared<std::vector<float>>(30 * 2, 0.0F);
  const search::Table features{30, 2, values, *values};
  (*values)[2 * 3] = (*values)[2 * 17] = 1;         // the same direction
  (*values)[2 * 5 + 1] = 1, (*values)[2 * 18] = 1;  // and others
  const std::vector<std::size_t> rows{3, 5, 17, 18, 20};
  const std::vector<RowPair> pairs = likely_pairs(rows, low, &features, pool);
  for (const auto& [a, b] : pairs) EXPECT_TRUE(std::ranges::binary_search(rows, a) && std::ranges::binary_search(rows, b) && a < b);
  EXPECT_TRUE(std::ranges::binary_search(pairs, RowPair(3, 17)));
  EXPECT_TRUE(likely_pairs(std::span(rows).first(1), low, &features, pool).empty());
}

}  // namespace
}  // namespace graft::doctor

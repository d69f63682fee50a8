#include "graft/base/rng.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <set>
#include <vector>

namespace graft {
namespace {

using Words = std::array<uint32_t, 4>;

// The three philox4x32-10 lines of Random123's kat_vectors: zeros, ones, digits of pi.
TEST(Philox, KnownAnswers) {
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({~0U, ~0U, ~0U, ~0U}, {~0U, ~0U}), (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

// The order of words inside a block and of blocks is part of the contract: a saved seed must give the same split for ever.
TEST(Rng, StreamIsPhiloxBlocksInOrder) {
  const uint64_t seed = 0x299f31d0a4093822, stream = 0x0370734413198a2e;
  Rng rng(seed, stream);
  for (uint32_t block = 0; block < 3; ++block)
    for (const uint32_t word : philox({block, 0, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0})) EXPECT_EQ(rng.next(), word);
}

TEST(Rng, SeedAndStreamBothMatterInAllBits) {
  std::set<uint32_t> first;
  for (int bit = 0; bit < 64; ++bit) {
    first.insert(Rng(uint64_t{1} << bit, 0).next());
    first.insert(Rng(0, uint64_t{1} << bit).next());
  }
  first.insert(Rng(0, 0).next());
  EXPECT_EQ(first.size(), 129U);
}

TEST(Rng, UniformFillsTheUnitInterval) {
  Rng rng(7);
  double sum = 0, squares = 0;
  constexpr int kDraws = 100000;
  for (int i = 0; i < kDraws; ++i) {
    const double u = rng.uniform();
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    sum += u;
    squares += u * u;
  }
  EXPECT_NEAR(sum / kDraws, 0.5, 0.005);  // 5 standard errors
  EXPECT_NEAR(squares / kDraws, 1.0 / 3, 0.005);
}

TEST(Rng, BelowStaysBelow) {
  EXPECT_TRUE(rc::check([](uint64_t seed) {
    const uint64_t bound = *rc::gen::nonZero<uint64_t>();
    RC_ASSERT(Rng(seed).below(bound) < bound);
  }));
  EXPECT_EQ(Rng(3).below(1), 0U);
}

// With this bound a plain modulo would give the lower half of the results twice as often.
TEST(Rng, BelowHasNoBias) {
  const uint64_t bound = (uint64_t{1} << 63) + (uint64_t{1} << 62);
  Rng rng(11);
  int low = 0;
  constexpr int kDraws = 30000;
  for (int i = 0; i < kDraws; ++i) low += rng.below(bound) < bound / 3 ? 1 : 0;
  EXPECT_NEAR(static_cast<double>(low) / kDraws, 1.0 / 3, 0.015);
}

TEST(Rng, ShufflePermutes) {
  EXPECT_TRUE(rc::check([](std::vector<int> items, uint64_t seed) {
    std::vector<int> shuffled = items;
    Rng(seed).shuffle(std::span(shuffled));
    std::vector<int> again = items;
    Rng(seed).shuffle(std::span(again));
    RC_ASSERT(shuffled == again);
    std::sort(items.begin(), items.end());
    std::sort(shuffled.begin(), shuffled.end());
    RC_ASSERT(shuffled == items);
  }));
}

TEST(Rng, ShuffleReachesEveryOrderEquallyOften) {
  std::array<int, 6> seen{};
  for (uint64_t seed = 0; seed < 6000; ++seed) {
    std::array<int, 3> items{0, 1, 2};
    Rng(seed).shuffle(std::span<int>(items));
    ++seen[static_cast<std::size_t>(items[0] * 2 + (items[1] > items[2] ? 1 : 0))];
  }
  for (const int count : seen) EXPECT_NEAR(count, 1000, 150);
}

}  // namespace
}  // namespace graft

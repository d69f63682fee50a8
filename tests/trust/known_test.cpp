#include "graft/trust/known.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "graft/base/rng.h"
#include "graft/trust/halves.h"

namespace graft::trust {
namespace {

TEST(Halves, KeepWhatHalfPrecisionHas) {
  const std::vector<float> exact{0, 1, -1, 0.5F, 65504, 0x1p-24F, -0x1p-14F, 0.333251953125F};
  for (const float value : exact) EXPECT_EQ(as_half(value), value);
  EXPECT_EQ(as_half(1.0F / 3), 0.333251953125F);
  EXPECT_EQ(as_half(1 + 0x1p-11F), 1);                // a tie goes to the even one
  EXPECT_EQ(as_half(1 + 3 * 0x1p-11F), 1 + 0x1p-9F);  // here, too
  EXPECT_TRUE(std::isinf(as_half(65520)));
  EXPECT_EQ(from_base64_halves(to_base64_halves(exact)), exact);
  EXPECT_EQ(to_base64_halves(std::vector<float>{1}), "ADw=");
  EXPECT_EQ(to_base64_halves(std::vector<float>{1, -2, 0.5F}), "ADwAwAA4");
}

TEST(Halves, RefuseWhatIsNone) {
  for (const char* text : {"ADw", "AD==", "A===", "AD*=", "ADwA", "=ADw", "AHw="}) EXPECT_FALSE(from_base64_halves(text)) << text;
  EXPECT_EQ(from_base64_halves(""), std::vector<float>{});
}

TEST(Balanced, TakesTheSameOfEachClassAndLeavesOutWhatHasNone) {
  const std::vector<int> labels{0, 0, 0, 0, 0, 0, 1, 1, -1, 2};
  const auto taken = balanced(labels, 5, 7);
  std::vector<int> counts(3);
  for (const std::size_t i : taken) ++counts[static_cast<std::size_t>(labels[i])];
  EXPECT_EQ(counts, (std::vector<int>{2, 2, 1}));
  EXPECT_TRUE(std::ranges::is_sorted(taken));
  EXPECT_EQ(balanced(labels, 100, 7).size(), 9U);
  EXPECT_TRUE(balanced(std::vector<int>{}, 5, 7).empty());
}

/// Two classes on a sphere, wide along the first axis alone.
std::vector<float> two_classes(std::vector<int>& labels, std::size_t width, std::size_t each) {
  std::vector<float> rows;
  Rng rng(3);
  for (std::size_t i = 0; i < 2 * each; ++i) {
    labels.push_back(i < each ? 0 : 1);
    std::vector<float> row(width);
    for (float& value : row) value = static_cast<float>(0.01 * (rng.uniform() - 0.5));
    row[0] = static_cast<float>(rng.uniform() - 0.5);
    row[i < each ? 1 : 2] += 1;
    float length = 0;
    for (const float value : row) length += value * value;
    for (float& value : row) rows.push_back(value / std::sqrt(length));
  }
  return rows;
}

TEST(Clouds, MeasureByHowPhotosDiffer) {
  std::vector<int> labels;
  const std::size_t width = 20;
  const std::vector<float> rows = two_classes(labels, width, 40);
  ThreadPool pool(2);
  const Clouds clouds = find_clouds(rows, labels, width, 0, pool);
  ASSERT_EQ(clouds.means.size(), 2 * width);
  EXPECT_GT(clouds.variances.front(), 0.05F);
  EXPECT_GT(std::abs(clouds.directions[0]), 0.9F);  // the first axis is the widest direction
  std::vector<float> along(width), across(width);
  along[1] = across[1] = 1;
  along[0] = across[5] = 0.3F;
  EXPECT_LT(4 * distance(clouds, along), distance(clouds, across));
  ThreadPool alone(1);
  EXPECT_EQ(find_clouds(rows, labels, width, 0, alone).directions, clouds.directions);
}

TEST(Clouds, StandPhotosThatAreAllAlike) {
  const std::vector<float> rows{1, 0, 1, 0, 1, 0};
  ThreadPool pool(1);
  const Clouds clouds = find_clouds(rows, std::vector<int>{0, 0, 0}, 2, 0, pool);
  EXPECT_EQ(distance(clouds, std::vector<float>{1, 0}), 0);
  EXPECT_GT(distance(clouds, std::vector<float>{0, 1}), 1000);
}

TEST(Neighbours, CountTheFifthOrTheLastOfFewer) {
  Neighbours neighbours{2, {1, 0, 0, 1}};
  EXPECT_NEAR(distance(neighbours, std::vector<float>{1, 0}), 1, 1e-6);
  neighbours.rows = {1, 0, 1, 0, 1, 0, 1, 0, 0.6F, 0.8F, 0, 1};
  EXPECT_NEAR(distance(neighbours, std::vector<float>{1, 0}), 0.4, 1e-6);
}

}  // namespace
}  // namespace graft::trust

#include "graft/explain/heat_map.h"

#include <gtest/gtest.h>

#include <numeric>

namespace graft::explain {
namespace {

float sum(const HeatMap& map) { return std::accumulate(map.values.begin(), map.values.end(), 0.F); }

TEST(HeatMap, IsResizedBetweenTheMiddlesOfItsParts) {
  const HeatMap wide = resized({1, 2, {0, 4}}, 1, 4);
  EXPECT_EQ(wide.values, (std::vector<float>{0, 1, 3, 4}));
  EXPECT_EQ(resized({2, 1, {0, 4}}, 4, 1).values, wide.values);
}

TEST(HeatMap, IsSharedOutSoThatItsSumStays) {
  const HeatMap map{2, 3, {1, -2, 3, 8, 0, 5}};
  EXPECT_EQ(shared_out(map, 2, 3).values, map.values);
  for (const int height : {2, 4, 7})
    for (const int width : {3, 5, 11}) EXPECT_NEAR(sum(shared_out(map, height, width)), 15, 1e-5) << height << " " << width;
  EXPECT_EQ(shared_out({1, 2, {0, 4}}, 1, 4).values, (std::vector<float>{0, 0.5, 1.5, 2}));
}

TEST(HeatMap, IsTurnedLeftToRight) { EXPECT_EQ(mirrored({2, 3, {1, 2, 3, 4, 5, 6}}).values, (std::vector<float>{3, 2, 1, 6, 5, 4})); }

}  // namespace
}  // namespace graft::explain

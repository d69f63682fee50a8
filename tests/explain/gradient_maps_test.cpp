#include "graft/explain/gradient_maps.h"

#include <gtest/gtest.h>

#include <vector>

namespace graft::explain {
namespace {

/// Two places of three channels: the first speaks for the class, the second against it, the third for it though it is below 0.
const std::vector<float> kValues{1, 2, -5, 3, 0.5, 1}, kGradients{0.5, -1, 0.25, 1.5, -3, 0.75};
const PlaceGradients kAt{3, kValues, kGradients};

TEST(GradCam, WeighsChannelsByTheirMeanGradient) { EXPECT_EQ(grad_cam(kAt), (std::vector<float>{1 - 4 - 2.5, 3 - 1 + 0.5})) << "weights 1, -2, 0.5"; }

/// By equations 19 and 5 in the paper's own words: the first channel sums to 4, and the third to less than 0, which counts as 0.
TEST(GradCamPlusPlus, WeighsPlacesByTheirAlpha) {
  const auto alpha = [](double g, double sum) { return g * g / (2 * g * g + sum * g * g * g); };
  const double first = alpha(0.5, 4) * 0.5 + alpha(1.5, 4) * 1.5, third = alpha(0.25, 0) * 0.25 + alpha(0.75, 0) * 0.75;
  const std::vector<float> map = grad_cam_plus_plus(kAt);
  ASSERT_EQ(map.size(), 2U);
  EXPECT_EQ(map[0], 0) << "its ReLU: " << first * 1 - third * 5;
  EXPECT_NEAR(map[1], first * 3 + third, 1e-6);
}

TEST(LayerCam, WeighsEachPlaceByItsOwnPositiveGradient) {
  EXPECT_EQ(layer_cam(kAt), (std::vector<float>{0, 1.5 * 3 + 0.75})) << "the first is below 0: 0.5 - 1.25";
}

}  // namespace
}  // namespace graft::explain

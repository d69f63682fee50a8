#include "graft/doctor/low_frequencies.h"

#include <gtest/gtest.h>

#include <cmath>

#include "doctor/scenes.h"
#include "graft/doctor/align.h"

namespace graft::doctor {
namespace {

std::vector<uint8_t> small_of(const image::Image& picture) {
  std::vector<uint8_t> small;
  for (const float value : plane_of(picture, 32).values) small.push_back(static_cast<uint8_t>(value));
  return small;
}

LowFrequencies low_of(const image::Image& picture) { return low_frequencies(small_of(picture), 32); }

TEST(LowFrequencies, OfOneCosineIsOneNumber) {
  std::vector<uint8_t> small;
  for (int y = 0; y < 32; ++y)
    for (int x = 0; x < 32; ++x) small.push_back(static_cast<uint8_t>(std::lround(128 + 100 * std::cos(M_PI * (x + 0.5) * 3 / 32))));
  const LowFrequencies low = low_frequencies(small, 32);
  EXPECT_NEAR(low.values[3], 1, 1e-4);
  EXPECT_NEAR(low.values[3 * 8], 0, 1e-2);
}

TEST(LowFrequencies, AreLaidAsThePictureIs) {
  const image::Image picture = scene(5, 64, 64);
  for (const Symmetry& symmetry : kSymmetries) {
    EXPECT_GT(correlation(laid(low_of(picture), symmetry), low_of(laid(picture, symmetry))), 0.999);
    const auto a = invariants(low_of(picture)), b = invariants(low_of(laid(picture, symmetry)));
    for (std::size_t i = 0; i < kCoefficients; ++i) EXPECT_NEAR(a[i], b[i], 0.02);
  }
  EXPECT_LT(correlation(laid(low_of(picture), kSymmetries[1]), low_of(picture)), 0.8);
}

TEST(LowFrequencies, AnEvenPictureHasNone) {
  EXPECT_TRUE(low_of(flat(40, 40, 90, 90, 90)).flat);
  EXPECT_FALSE(low_of(scene(6)).flat);
  EXPECT_EQ(correlation(low_of(flat(40, 40, 90, 90, 90)), low_of(scene(6))), 0);
}

}  // namespace
}  // namespace graft::doctor

#include "graft/doctor/align.h"

#include <gtest/gtest.h>

#include "doctor/scenes.h"

namespace graft::doctor {
namespace {

TEST(Align, FindsTheCropThatWasMade) {
  const image::Image picture = scene(1);
  const Plane whole = smooth(plane_of(picture, 64)), part = smooth(plane_of(cropped(picture, 0.05, 0, 0, 0.05), 64));
  EXPECT_LT(correlation(whole, part), 0.9);
  const Frame frame = align(part, whole, {}, 20);  // where the crop's places lie in the whole
  EXPECT_NEAR(frame.scale_x, 0.95, 0.005);
  EXPECT_NEAR(frame.scale_y, 0.95, 0.005);
  EXPECT_NEAR(frame.shift_x, 0.025, 0.003);
  EXPECT_NEAR(frame.shift_y, -0.025, 0.003);
  EXPECT_GT(correlation(part, moved(whole, frame)), 0.98);
}

TEST(Align, SeesOnlyWhatBothHave) {
  const image::Image picture = scene(2);
  const Plane whole = smooth(plane_of(picture, 64)), part = smooth(plane_of(cropped(picture, 0.05, 0.05, 0.05, 0.05), 64));
  const Frame frame = align(whole, part, {}, 20);
  const Plane over = moved(part, frame);
  EXPECT_TRUE(std::isnan(over.at(0, 32)));
  EXPECT_TRUE(std::isnan(over.at(32, 63)));
  EXPECT_FALSE(std::isnan(over.at(32, 32)));
  EXPECT_GT(correlation(whole, over), 0.98);
}

TEST(Align, BrightnessAndContrastDoNotCount) {
  const Plane plane = smooth(plane_of(scene(3), 32));
  Plane paler = plane;
  for (float& value : paler.values) value = 0.4F * value + 90;
  EXPECT_NEAR(correlation(plane, paler), 1, 1e-6);
  const Frame frame = align(plane, paler, {.scale_x = 1.03, .shift_x = 0.02}, 20);
  EXPECT_NEAR(frame.scale_x, 1, 0.005);
  EXPECT_NEAR(frame.shift_x, 0, 0.003);
}

TEST(Align, OfFlatPicturesThereIsNothingToFind) {
  const Plane even{32, std::vector<float>(32 * 32, 100)};
  const Plane plane = plane_of(scene(4), 32);
  EXPECT_EQ(align(even, even, {}, 10).scale_x, 1);
  EXPECT_EQ(align(plane, even, {}, 10).shift_x, 0);
  EXPECT_EQ(correlation(plane, even), 0);
}

TEST(Align, EachSymmetryIsAnotherPicture) {
  const Plane plane{2, {1, 2, 3, 4}};
  EXPECT_EQ(laid(plane, {.mirrored = true}).values, (std::vector<float>{2, 1, 4, 3}));
  EXPECT_EQ(laid(plane, {.upside_down = true}).values, (std::vector<float>{3, 4, 1, 2}));
  EXPECT_EQ(laid(plane, {.transposed = true}).values, (std::vector<float>{1, 3, 2, 4}));
  EXPECT_EQ(laid(plane, {.transposed = true, .mirrored = true}).values, (std::vector<float>{3, 1, 4, 2}));  // clockwise
  EXPECT_EQ(name_of({.transposed = true, .mirrored = true}), "rotated by 90 degrees");
  EXPECT_EQ(name_of({.transposed = true, .upside_down = true}), "rotated by 90 degrees");
  EXPECT_EQ(halved(plane).values, std::vector<float>{2.5});
}

}  // namespace
}  // namespace graft::doctor

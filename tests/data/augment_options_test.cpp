#include <gtest/gtest.h>

#include "error_text.h"
#include "graft/data/augment.h"

namespace graft::data {
namespace {

Configured<AugmentOptions> configured(const std::vector<std::string>& words) { return configure<AugmentOptions>({"graft fit", "", {}}, words); }

Augment read(AugmentPreset preset, const std::vector<std::string>& words) { return of(preset, configured(words).values); }

std::string error_of(const std::vector<std::string>& words, AugmentPreset preset = AugmentPreset::none) {
  return test::error_of([&] { read(preset, words); });
}

TEST(AugmentOptions, APresetAsItIs) {
  EXPECT_EQ(read(AugmentPreset::none, {}), Augment{});
  EXPECT_EQ(read(AugmentPreset::light, {}), of(AugmentPreset::light));
  const Augment standard = read(AugmentPreset::standard, {});
  EXPECT_EQ(standard.crop_scale, (Augment::Interval{0.25, 1}));
  EXPECT_EQ(standard.affine_chance, 0.5);
  EXPECT_FALSE(standard.random_crop);
}

TEST(AugmentOptions, EachGoesOverThePreset) {
  Augment wanted = of(AugmentPreset::standard);
  wanted.flip = 0;
  wanted.hue = 0.1;
  wanted.border = image::Border::constant;
  EXPECT_EQ(read(AugmentPreset::standard, {"--flip", "0", "--hue", "0.1", "--border", "black"}), wanted);
  wanted = {};
  wanted.crop_scale = {0.35, 0.9};
  wanted.zoom = {0.9, 1.1};
  wanted.shear = 5;
  wanted.translate = 0.1;
  wanted.vertical_flip = 0.5;
  EXPECT_EQ(
      read(AugmentPreset::none, {"--crop-scale", "0.35, 0.9", "--zoom", "0.9,1.1", "--shear", "5", "--translate", "0.1", "--vertical-flip", "0.5"}),
      wanted);
}

TEST(AugmentOptions, PadIsARandomCropAtOneSize) {
  const Augment augment = read(AugmentPreset::standard, {"--pad", "4"});
  EXPECT_TRUE(augment.random_crop);
  EXPECT_EQ(augment.pad, 4);
  EXPECT_FALSE(augment.crop_scale);
  EXPECT_TRUE(read(AugmentPreset::none, {"--pad", "0", "--crop-scale", "off"}).random_crop);
  EXPECT_FALSE(read(AugmentPreset::standard, {"--crop-scale", "off"}).crop_scale);
}

TEST(AugmentOptions, AGivenMoveIsAlwaysMade) {
  EXPECT_EQ(read(AugmentPreset::standard, {"--rotation", "30"}).affine_chance, 1);
  EXPECT_EQ(read(AugmentPreset::standard, {"--rotation", "30", "--affine-chance", "0.2"}).affine_chance, 0.2);
  EXPECT_FALSE(read(AugmentPreset::standard, {"--rotation", "0"}).moves());
}

TEST(AugmentOptions, Errors) {
  const std::string scale = ": expected two numbers LOW,HIGH with 0.01 <= LOW <= HIGH <= 1, or off; parts of a photo's area, for instance 0.35,1";
  for (const char* text : {"0.5", "0.5,2", "0,1", "0.9,0.3", "0.3,0.5,1", "a,b", "0.5,", "nan,1", "0.3 0.5"})
    EXPECT_EQ(error_of({"--crop-scale", text}), std::string("usage: --crop-scale ") + text + scale);
  EXPECT_EQ(error_of({"--crop-scale", ""}), "usage: --crop-scale " + scale);
  const std::string zoom = ": expected two numbers LOW,HIGH with 0.1 <= LOW <= HIGH <= 10; magnifications, for instance 0.9,1.1";
  for (const char* text : {"1.1", "0,1", "1,11", "off", "1,inf"}) EXPECT_EQ(error_of({"--zoom", text}), std::string("usage: --zoom ") + text + zoom);
  EXPECT_EQ(error_of({"--pad", "4", "--crop-scale", "0.3,1"}),
            "usage: --pad: does not go with --crop-scale, which takes parts of a photo's inside; leave one of them away");
  EXPECT_EQ(error_of({"--affine-chance", "0.5"}),
            "usage: --affine-chance: is the chance of nothing here; give --rotation, --translate, --zoom or --shear, too");
  EXPECT_EQ(error_of({"--affine-chance", "0.5"}, AugmentPreset::standard), "no error");
  EXPECT_EQ(error_of({"--flip", "1.5"}), "usage: --flip 1.5: expected between 0 and 1");
  EXPECT_EQ(error_of({"--hue", "0.6"}), "usage: --hue 0.6: expected between 0 and 0.5");
  EXPECT_EQ(error_of({"--border", "wrap"}), "usage: --border wrap: expected reflect, edge, black or auto");
}

}  // namespace
}  // namespace graft::data

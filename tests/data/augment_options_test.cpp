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
  const Augment strong = read(AugmentPreset::strong, {});
  EXPECT_EQ(strong.crop_scale, (Augment::Interval{0.08, 1}));
  EXPECT_EQ(strong.policy.policy, Policy::trivial);
  EXPECT_EQ(strong.erase, 0.1);
}

TEST(AugmentOptions, EveryEffectByName) {
  Augment wanted;
  wanted.perspective = 0.4, wanted.perspective_chance = 0.5;
  wanted.grey_chance = 0.1;
  wanted.blur = 2, wanted.blur_chance = 0.2;
  wanted.sharpness = 1, wanted.sharpness_chance = 0.5;
  wanted.posterise = 4, wanted.posterise_chance = 0.3;
  wanted.solarise = 128, wanted.solarise_chance = 0.5;
  wanted.autocontrast = 0.6, wanted.equalise = 0.7, wanted.invert = 0.8;
  wanted.erase = 0.25;
  wanted.erase_scale = {0.05, 0.2}, wanted.erase_ratio = {1, 2}, wanted.erase_fill = EraseFill::black;
  wanted.border = image::Border::constant, wanted.fill = {1, 20, 255};
  EXPECT_EQ(read(AugmentPreset::none, {"--perspective",      "0.4",      "--gray-chance", "0.1", "--blur",         "2",
                                       "--blur-chance",      "0.2",      "--sharpness",   "1",   "--posterize",    "4",
                                       "--posterize-chance", "0.3",      "--solarize",    "128", "--autocontrast", "0.6",
                                       "--equalize",         "0.7",      "--invert",      "0.8", "--erase",        "0.25",
                                       "--erase-scale",      "0.05,0.2", "--erase-ratio", "1,2", "--erase-fill",   "black",
                                       "--border-color",     "1, 20,255"}),
            wanted);
  EXPECT_TRUE(wanted.any());
  EXPECT_EQ(read(AugmentPreset::none, {"--border", "wrap"}).border, image::Border::wrap);
  EXPECT_EQ(read(AugmentPreset::none, {"--border", "symmetric"}).border, image::Border::symmetric);
}

TEST(AugmentOptions, EachEffectAloneCounts) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{{"--perspective", "0.1"},
                                                                                     {"--gray-chance", "0.1"},
                                                                                     {"--blur", "1"},
                                                                                     {"--sharpness", "0.1"},
                                                                                     {"--posterize", "7"},
                                                                                     {"--solarize", "255"},
                                                                                     {"--autocontrast", "0.1"},
                                                                                     {"--equalize", "0.1"},
                                                                                     {"--invert", "0.1"},
                                                                                     {"--policy", "trivial"},
                                                                                     {"--erase", "0.1"}})
    EXPECT_TRUE(read(AugmentPreset::none, words).any()) << words[0];
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{{"--perspective", "0"},
                                                                                     {"--blur", "0"},
                                                                                     {"--sharpness", "0"},
                                                                                     {"--posterize", "3", "--posterize-chance", "0"},
                                                                                     {"--policy", "none"},
                                                                                     {"--erase", "0"}})
    EXPECT_FALSE(read(AugmentPreset::none, words).any()) << words[0];
}

TEST(AugmentOptions, PoliciesAndTheirSettings) {
  const PolicySettings randaugment{.policy = Policy::randaugment, .ops = 3, .magnitude = 20};
  EXPECT_EQ(read(AugmentPreset::strong, {"--policy", "randaugment", "--policy-ops", "3", "--policy-magnitude", "20"}).policy, randaugment);
  const PolicySettings augmix{.policy = Policy::augmix, .severity = 5, .width = 2, .depth = 4, .alpha = 0.5};
  EXPECT_EQ(read(AugmentPreset::none,
                 {"--policy", "augmix", "--policy-severity", "5", "--policy-width", "2", "--policy-depth", "4", "--policy-alpha", "0.5"})
                .policy,
            augmix);
  EXPECT_EQ(read(AugmentPreset::none, {"--policy", "augmix"}).policy, (PolicySettings{.policy = Policy::augmix}));
  EXPECT_EQ(read(AugmentPreset::strong, {"--policy", "none"}).policy, PolicySettings{});
  EXPECT_EQ(error_of({"--policy", "randagument"}),
            "usage: --policy randagument: expected none, randaugment, trivial, autoaugment, augmix or auto; did you mean randaugment?");
  EXPECT_EQ(error_of({"--policy", "trivial", "--policy-magnitude", "9"}),
            "usage: --policy-magnitude: is a setting of RandAugment, which is not the chosen policy; give --policy randaugment, too");
  EXPECT_EQ(error_of({"--policy-ops", "2"}),
            "usage: --policy-ops: is a setting of RandAugment, which is not the chosen policy; give --policy randaugment, too");
  for (const char* option : {"--policy-severity", "--policy-width", "--policy-depth", "--policy-alpha"})
    EXPECT_EQ(error_of({option, "2"}, AugmentPreset::strong),
              std::string("usage: ") + option + ": is a setting of AugMix, which is not the chosen policy; give --policy augmix, too");
  EXPECT_EQ(error_of({"--policy", "randaugment", "--policy-magnitude", "31"}), "usage: --policy-magnitude 31: expected between 0 and 30");
  EXPECT_EQ(error_of({"--policy", "augmix", "--policy-severity", "0"}), "usage: --policy-severity 0: expected between 1 and 10");
}

TEST(AugmentOptions, WhatContradictsItself) {
  for (const char* name : {"perspective", "blur", "sharpness", "posterize", "solarize"})
    EXPECT_EQ(error_of({std::string("--") + name + "-chance", "0.5"}),
              std::string("usage: --") + name + "-chance: has no effect here; give --" + name + ", too");
  EXPECT_EQ(error_of({"--blur", "0", "--blur-chance", "0.5"}), "usage: --blur-chance: has no effect here; give --blur, too");
  for (const auto& [option, value] : {std::pair{"--erase-scale", "0.1,0.2"}, {"--erase-ratio", "1,2"}, {"--erase-fill", "black"}})
    EXPECT_EQ(error_of({option, value}),
              std::string("usage: ") + option + ": has no effect, because nothing is erased; give --erase, too, for instance --erase 0.25");
  EXPECT_EQ(error_of({"--erase-fill", "black"}, AugmentPreset::strong), "no error");
  EXPECT_EQ(
      error_of({"--erase", "0.5", "--erase-scale", "0,1"}),
      "usage: --erase-scale 0,1: expected two numbers LOW,HIGH with 0.001 <= LOW <= HIGH <= 1; parts of the picture's area, for instance 0.02,0.33");
  EXPECT_EQ(error_of({"--erase", "0.5", "--erase-ratio", "3"}),
            "usage: --erase-ratio 3: expected two numbers LOW,HIGH with 0.05 <= LOW <= HIGH <= 20; height by width, for instance 0.3,3.3");
  EXPECT_EQ(error_of({"--border", "edge", "--border-color", "1,2,3"}),
            "usage: --border-color: cannot be combined with --border: both set the fill beyond the edge; give only one of them");
  for (const char* text : {"1,2", "1,2,3,4", "256,0,0", "0,-1,0", "1.5,0,0", "red", ""})
    EXPECT_EQ(error_of({"--border-color", text}),
              std::string("usage: --border-color ") + text + ": expected three whole numbers R,G,B from 0 to 255; for instance 124,116,104");
  EXPECT_EQ(error_of({"--posterize", "8"}), "usage: --posterize 8: expected between 1 and 7");
  EXPECT_EQ(error_of({"--solarize", "256"}), "usage: --solarize 256: expected between 0 and 255");
  EXPECT_EQ(error_of({"--perspective", "1.1"}), "usage: --perspective 1.1: expected between 0 and 1");
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
            "usage: --pad: cannot be combined with --crop-scale, which trains on parts of the photo; give only one of them");
  EXPECT_EQ(error_of({"--affine-chance", "0.5"}), "usage: --affine-chance: has no effect here; give --rotation, --translate, --zoom or --shear, too");
  EXPECT_EQ(error_of({"--affine-chance", "0.5"}, AugmentPreset::standard), "no error");
  EXPECT_EQ(error_of({"--flip", "1.5"}), "usage: --flip 1.5: expected between 0 and 1");
  EXPECT_EQ(error_of({"--hue", "0.6"}), "usage: --hue 0.6: expected between 0 and 0.5");
  EXPECT_EQ(error_of({"--border", "white"}), "usage: --border white: expected reflect, symmetric, edge, wrap, black or auto");
}

}  // namespace
}  // namespace graft::data

// What draw_view() draws: how much, how far, how often.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>

#include "graft/data/augment.h"

namespace graft::data {
namespace {

/// The range of a drawn number over many views.
struct Seen {
  double low = 1e300, high = -1e300, sum = 0;
  void add(double value) { low = std::min(low, value), high = std::max(high, value), sum += value; }
};

#define EXPECT_FILLS(seen, from, to)                                                                                      \
  EXPECT_TRUE((seen).low >= (from)-1e-9 && (seen).low <= (from) + 0.02 * ((to) - (from)) && (seen).high <= (to) + 1e-9 && \
              (seen).high >= (to)-0.02 * ((to) - (from)))                                                                 \
      << (seen).low << " ... " << (seen).high

constexpr int kViews = 4000;

/// What the projection takes to `target`, by Newton's steps from there.
image::Point found(const image::Projection& projection, image::Point target) {
  image::Point point = target;
  constexpr double kStep = 1e-3;
  for (int i = 0; i < 50; ++i) {
    const image::Point here = at(projection, point), right = at(projection, {point.x + kStep, point.y}),
                       down = at(projection, {point.x, point.y + kStep});
    const double a = (right.x - here.x) / kStep, b = (down.x - here.x) / kStep, c = (right.y - here.y) / kStep, d = (down.y - here.y) / kStep;
    const double x = target.x - here.x, y = target.y - here.y;
    point = {point.x + (d * x - b * y) / (a * d - b * c), point.y + (a * y - c * x) / (a * d - b * c)};
  }
  return point;
}

template <class Look>
void each_view(const Augment& augment, int width, int height, const Look& look) {
  for (uint64_t stream = 0; stream < kViews; ++stream) {
    Rng rng(3, stream);
    look(draw_view(augment, Preprocess{}, width, height, rng));
  }
}

/// Each of what comes after the colours.
Augment everything() {
  return of(AugmentPreset::none, {.perspective = 0.5,
                                  .perspective_chance = 0.3,
                                  .grey_chance = 0.2,
                                  .blur = 2,
                                  .blur_chance = 0.6,
                                  .sharpness = 0.8,
                                  .sharpness_chance = 0.4,
                                  .posterise = 3,
                                  .solarise = 100,
                                  .posterise_chance = 0.1,
                                  .solarise_chance = 0.7,
                                  .autocontrast = 0.8,
                                  .equalise = 0.35,
                                  .invert = 0.9,
                                  .policy = Policy::trivial,
                                  .erase = 0.75,
                                  .erase_scale = "0.1,0.4",
                                  .erase_ratio = "0.5,2"});
}

TEST(AugmentDraw, TheSameNumbersAreDrawnWhateverIsSet) {
  const Preprocess preprocess;
  const auto next_after = [&](const Augment& augment, int width, int height) {
    Rng rng(9, 9);
    draw_view(augment, preprocess, width, height, rng);
    return rng.next();
  };
  Rng plain(9, 9);
  for (int i = 0; i < 80; ++i) plain.uniform();
  const uint32_t next = plain.next();
  for (const Augment& augment : {Augment{}, of(AugmentPreset::light), of(AugmentPreset::standard), of(AugmentPreset::strong), everything(),
                                 of(AugmentPreset::light, {.zoom = "0.5,2", .vertical_flip = 0.5, .hue = 0.5}),
                                 of(AugmentPreset::light, {.policy = Policy::augmix, .policy_width = 9})})
    for (const auto& [width, height] : {std::pair{500, 375}, {1, 1}, {3000, 2}}) EXPECT_EQ(next_after(augment, width, height), next);

  Rng a(4), b(4);
  const View without = draw_view(of(AugmentPreset::standard), preprocess, 500, 375, a);
  const View with = draw_view(of(AugmentPreset::standard, {.vertical_flip = 0.5, .hue = 0.3}), preprocess, 500, 375, b);
  EXPECT_EQ(with.part.box, without.part.box);
  EXPECT_EQ(with.colours.contrast, without.colours.contrast);
  EXPECT_EQ(with.colours.order, without.colours.order);
  EXPECT_NE(with.colours.hue, without.colours.hue);
}

TEST(AugmentDraw, PartsHaveTheAreasAndShapesOfRandomResizedCrop) {
  Seen area, ratio, left, top;
  each_view(of(AugmentPreset::none, {.crop_scale = "0.1,0.5"}), 900, 700, [&](const View& view) {
    const image::Box& box = view.part.box;
    area.add(static_cast<double>(box.width) * box.height / (900 * 700));
    ratio.add(static_cast<double>(box.width) / box.height);
    left.add(static_cast<double>(box.x) / (900 - box.width));
    top.add(static_cast<double>(box.y) / (700 - box.height));
    EXPECT_GE(box.x, 0);
    EXPECT_LE(box.x + box.width, 900);
    EXPECT_LE(box.y + box.height, 700);
  });
  EXPECT_NEAR(area.low, 0.1, 0.005);
  EXPECT_NEAR(area.high, 0.5, 0.005);
  EXPECT_NEAR(area.sum / kViews, 0.3, 0.01);
  EXPECT_NEAR(ratio.low, 0.75, 0.01);
  EXPECT_NEAR(ratio.high, 4.0 / 3, 0.01);
  EXPECT_FILLS(left, 0, 1);
  EXPECT_FILLS(top, 0, 1);
  EXPECT_NEAR(left.sum / kViews, 0.5, 0.02);
}

TEST(AugmentDraw, APartThatNeverFitsIsTheMiddle) {
  const Augment augment{.crop_scale = Augment::Interval{0.9, 1}};
  each_view(augment, 1000, 10, [&](const View& view) { EXPECT_EQ(view.part.box, (image::Box{493, 0, 13, 10})); });
  each_view(augment, 10, 1000, [&](const View& view) { EXPECT_EQ(view.part.box, (image::Box{0, 493, 10, 13})); });
}

TEST(AugmentDraw, RandomCropReachesEveryPlace) {
  Seen x, y;
  each_view(of(AugmentPreset::none, {.pad = 8}), 512, 256, [&](const View& view) {
    x.add(static_cast<double>(view.part.x));
    y.add(static_cast<double>(view.part.y));
  });
  EXPECT_FILLS(x, -8, 512 - 224 + 8);
  EXPECT_FILLS(y, -8, 256 - 224 + 8);
}

TEST(AugmentDraw, FlipsAndTurnsComeAsOftenAsSaid) {
  int mirrored = 0, upside_down = 0, turned = 0;
  each_view(of(AugmentPreset::standard, {.flip = 0.25, .vertical_flip = 0.1}), 500, 375, [&](const View& view) {
    mirrored += view.part.mirrored;
    upside_down += view.part.upside_down;
    turned += view.turn.has_value();
  });
  EXPECT_NEAR(mirrored, 0.25 * kViews, 0.03 * kViews);
  EXPECT_NEAR(upside_down, 0.1 * kViews, 0.03 * kViews);
  EXPECT_NEAR(turned, 0.5 * kViews, 0.03 * kViews);
  each_view({.flip = 1}, 5, 5, [&](const View& view) { EXPECT_TRUE(view.part.mirrored && !view.part.upside_down && !view.turn); });
}

TEST(AugmentDraw, MovesAndColoursFillTheirRanges) {
  Seen angle, x, y, zoom, shear, brightness, contrast, saturation, hue;
  std::set<std::array<image::Colour, 4>> orders;
  const AugmentOptions
      options{.zoom = "0.8,1.5", .rotation = 30, .translate = 0.25, .shear = 15, .brightness = 0.3, .contrast = 2, .saturation = 1, .hue = 0.2};
  each_view(of(AugmentPreset::none, options), 500, 375, [&](const View& view) {
    ASSERT_TRUE(view.turn);
    angle.add(view.turn->angle), x.add(view.turn->translate_x), y.add(view.turn->translate_y);
    zoom.add(view.turn->scale), shear.add(view.turn->shear_x);
    EXPECT_EQ(view.turn->shear_y, 0);
    brightness.add(view.colours.brightness), contrast.add(view.colours.contrast);
    saturation.add(view.colours.saturation), hue.add(view.colours.hue);
    orders.insert(view.colours.order);
  });
  EXPECT_FILLS(angle, -30, 30);
  EXPECT_FILLS(x, -56, 56);
  EXPECT_FILLS(y, -56, 56);
  EXPECT_FILLS(zoom, 0.8, 1.5);
  EXPECT_FILLS(shear, -15, 15);
  EXPECT_FILLS(brightness, 0.7, 1.3);
  EXPECT_FILLS(contrast, 0, 3);
  EXPECT_FILLS(saturation, 0, 2);
  EXPECT_FILLS(hue, -0.2, 0.2);
  EXPECT_EQ(orders.size(), 24U);
}

TEST(AugmentDraw, WhatCameFirstIsDrawnAsBefore) {
  Rng a(4), b(4);
  const View without = draw_view(of(AugmentPreset::standard), Preprocess{}, 500, 375, a);
  const View with =
      draw_view(of(AugmentPreset::standard, {.perspective = 0.5, .blur = 2, .policy = Policy::augmix, .erase = 1}), Preprocess{}, 500, 375, b);
  EXPECT_EQ(with.part.box, without.part.box);
  EXPECT_EQ(with.part.mirrored, without.part.mirrored);
  EXPECT_EQ(with.turn.has_value(), without.turn.has_value());
  EXPECT_EQ(with.colours.brightness, without.colours.brightness);
  EXPECT_EQ(with.colours.order, without.colours.order);
  EXPECT_FALSE(without.perspective || without.policy.any() || without.erasure);
  EXPECT_TRUE(with.policy.any() && with.erasure);
}

TEST(AugmentDraw, EffectsComeAsOftenAndAsFarAsSaid) {
  std::map<std::string, int> count;
  Seen blur, sharpness;
  each_view(everything(), 500, 375, [&](const View& view) {
    const Effects& effects = view.effects;
    count["perspective"] += view.perspective.has_value();
    count["grey"] += effects.grey;
    if (effects.blur > 0) ++count["blur"], blur.add(effects.blur);
    if (effects.sharpness != 1) ++count["sharpness"], sharpness.add(effects.sharpness);
    EXPECT_TRUE(effects.posterise == 8 || effects.posterise == 3);
    EXPECT_TRUE(effects.solarise == 256 || effects.solarise == 100);
    count["posterise"] += effects.posterise == 3;
    count["solarise"] += effects.solarise == 100;
    count["autocontrast"] += effects.autocontrast;
    count["equalise"] += effects.equalise;
    count["invert"] += effects.invert;
    count["erase"] += view.erasure.has_value();
  });
  const std::map<std::string, double> chances = {{"perspective", 0.3}, {"grey", 0.2},     {"blur", 0.6},         {"sharpness", 0.4},
                                                 {"posterise", 0.1},   {"solarise", 0.7}, {"autocontrast", 0.8}, {"equalise", 0.35},
                                                 {"invert", 0.9},      {"erase", 0.75}};
  for (const auto& [name, chance] : chances) EXPECT_NEAR(count[name], chance * kViews, 0.03 * kViews) << name;
  EXPECT_FILLS(blur, 0.1, 2);
  EXPECT_FILLS(sharpness, 0.2, 1.8);
}

TEST(AugmentDraw, PerspectiveTakesCornersInwards) {
  Seen first_x, first_y, last_x;
  each_view(of(AugmentPreset::none, {.perspective = 0.5, .perspective_chance = 1}), 500, 375, [&](const View& view) {
    ASSERT_TRUE(view.perspective);
    // Where the photo's corners are shown: what the map takes to (0, 0) and (223, 223) is at most a quarter of the side away from them.
    const auto seen_at = [&](double x, double y) { return found(*view.perspective, {x, y}); };
    const image::Point corner = seen_at(0, 0), opposite = seen_at(223, 223);
    // They are whole numbers, as torchvision draws them.
    EXPECT_NEAR(corner.x, std::nearbyint(corner.x), 1e-3);
    first_x.add(std::nearbyint(corner.x)), first_y.add(std::nearbyint(corner.y)), last_x.add(std::nearbyint(opposite.x));
  });
  EXPECT_FILLS(first_x, 0, 56);
  EXPECT_FILLS(first_y, 0, 56);
  EXPECT_FILLS(last_x, 167, 223);
}

TEST(AugmentDraw, ErasedPartsHaveTheAreasAndShapesOfRandomErasing) {
  Seen area, ratio, left, top;
  const Preprocess preprocess;
  each_view(of(AugmentPreset::none, {.erase = 1, .erase_scale = "0.1,0.3", .erase_ratio = "0.5,2"}), 500, 375, [&](const View& view) {
    ASSERT_TRUE(view.erasure);
    const image::Box& box = view.erasure->box;
    area.add(static_cast<double>(box.width) * box.height / (224 * 224));
    ratio.add(static_cast<double>(box.height) / box.width);
    left.add(static_cast<double>(box.x) / (224 - box.width));
    top.add(static_cast<double>(box.y) / (224 - box.height));
    EXPECT_EQ(view.erasure->colour, (image::Rgb{124, 116, 104})) << "ImageNet's mean";
  });
  EXPECT_NEAR(area.low, 0.1, 0.005);
  EXPECT_NEAR(area.high, 0.3, 0.005);
  EXPECT_NEAR(ratio.low, 0.5, 0.02);
  EXPECT_NEAR(ratio.high, 2, 0.02);
  EXPECT_FILLS(left, 0, 1);
  EXPECT_FILLS(top, 0, 1);
  each_view(of(AugmentPreset::none, {.erase = 1, .erase_scale = "1,1"}), 500, 375, [](const View& view) { EXPECT_FALSE(view.erasure); });
  each_view(of(AugmentPreset::none, {.erase = 1, .erase_fill = EraseFill::black}), 9, 9,
            [](const View& view) { EXPECT_TRUE(!view.erasure || view.erasure->colour == image::Rgb{}); });
}

TEST(AugmentDraw, EnoughSideKeepsEveryPixelThatIsSeen) {
  const Preprocess preprocess;  // 256, 224
  EXPECT_EQ(enough_side(of(AugmentPreset::none), preprocess), 0) << "the same bytes as for a prediction";
  EXPECT_EQ(enough_side({.flip = 1}, preprocess), 0) << "the same bytes as a model sees that averages over mirror images";
  EXPECT_EQ(enough_side(of(AugmentPreset::light), preprocess), 256);
  EXPECT_EQ(enough_side(of(AugmentPreset::standard), preprocess), 448);
  EXPECT_EQ(enough_side(of(AugmentPreset::strong), preprocess), 792);
  EXPECT_EQ(enough_side(of(AugmentPreset::none, {.policy = Policy::trivial}), preprocess), 256);
  EXPECT_EQ(enough_side(of(AugmentPreset::light, {.zoom = "0.9,1.5"}), preprocess), 384);
  EXPECT_EQ(enough_side(of(AugmentPreset::light, {.crop_scale = "0.01,1"}), preprocess), 1024);
}

}  // namespace
}  // namespace graft::data

// What draw_view() draws: how much, how far, how often.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

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

template <class Look>
void each_view(const Augment& augment, int width, int height, const Look& look) {
  for (uint64_t stream = 0; stream < kViews; ++stream) {
    Rng rng(3, stream);
    look(draw_view(augment, Preprocess{}, width, height, rng));
  }
}

TEST(AugmentDraw, TheSameNumbersAreDrawnWhateverIsSet) {
  const Preprocess preprocess;
  const auto next_after = [&](const Augment& augment, int width, int height) {
    Rng rng(9, 9);
    draw_view(augment, preprocess, width, height, rng);
    return rng.next();
  };
  Rng plain(9, 9);
  for (int i = 0; i < 37; ++i) plain.uniform();
  const uint32_t next = plain.next();
  for (const Augment& augment : {Augment{}, of(AugmentPreset::light), of(AugmentPreset::standard),
                                 of(AugmentPreset::light, {.zoom = "0.5,2", .vertical_flip = 0.5, .hue = 0.5})})
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

TEST(AugmentDraw, EnoughSideKeepsEveryPixelThatIsSeen) {
  const Preprocess preprocess;  // 256, 224
  EXPECT_EQ(enough_side(of(AugmentPreset::none), preprocess), 0) << "the same bytes as for a prediction";
  EXPECT_EQ(enough_side(of(AugmentPreset::light), preprocess), 256);
  EXPECT_EQ(enough_side(of(AugmentPreset::standard), preprocess), 448);
  EXPECT_EQ(enough_side(of(AugmentPreset::light, {.zoom = "0.9,1.5"}), preprocess), 384);
  EXPECT_EQ(enough_side(of(AugmentPreset::light, {.crop_scale = "0.01,1"}), preprocess), 1024);
}

}  // namespace
}  // namespace graft::data

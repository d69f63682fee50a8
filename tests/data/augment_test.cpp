#include "graft/data/augment.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>

#include "graft/image/blur.h"
#include "graft/image/tone.h"

namespace graft::data {
namespace {

using image::Border;
using image::Image;

using Row = std::vector<uint8_t>;

Image noise(int width, int height, uint64_t seed) {
  Image photo{width, height, Row(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3)};
  Rng rng(seed, 77);
  for (uint8_t& value : photo.pixels) value = static_cast<uint8_t>(rng.next());
  return photo;
}

/// Neighbouring pixels differ little, so that a shift of a tenth of a pixel changes a level or two.
Image smooth(int width, int height) {
  Image photo{width, height, {}};
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < 3; ++c) photo.pixels.push_back(static_cast<uint8_t>(128 + 60 * std::sin(0.09 * x + c) + 60 * std::cos(0.07 * y - c)));
  return photo;
}

double mean_difference(const Row& a, const Row& b) {
  EXPECT_EQ(a.size(), b.size());
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::abs(a[i] - b[i]);
  return sum / static_cast<double>(a.size());
}

Row view_of(const Image& photo, const Augment& augment, const Preprocess& preprocess, uint64_t seed, uint64_t stream = 0) {
  Rng rng(seed, stream);
  Row row(preprocess.row_bytes());
  data::augment(photo, augment, preprocess, rng, row);
  return row;
}

Row shown(const Image& photo, const View& view, const Preprocess& preprocess, Border border = Border::reflect) {
  Row row(preprocess.row_bytes());
  show(photo, view, border, preprocess, row);
  return row;
}

Row preprocessed(const Image& photo, const Preprocess& preprocess) {
  Row row(preprocess.row_bytes());
  preprocess(photo, row);
  return row;
}

/// Every move and colour at once.
Augment much() {
  return of(AugmentPreset::standard, {.zoom = "0.5,2",
                                      .vertical_flip = 0.5,
                                      .rotation = 180,
                                      .translate = 0.4,
                                      .shear = 30,
                                      .brightness = 0.5,
                                      .contrast = 0.5,
                                      .saturation = 1,
                                      .hue = 0.5});
}

TEST(Augment, NothingSetIsPreprocess) {
  EXPECT_FALSE(of(AugmentPreset::none).any());
  EXPECT_TRUE(rc::check("the same bytes", [] {
    const Image photo = noise(*rc::gen::inRange(1, 50), *rc::gen::inRange(1, 50), 1);
    const int crop = *rc::gen::inRange(1, 40);
    const Preprocess preprocess{.resize = *rc::gen::inRange(1, 60), .crop = crop, .grey = *rc::gen::arbitrary<bool>()};
    RC_ASSERT(view_of(photo, Augment{}, preprocess, 5) == preprocessed(photo, preprocess));
  }));
}

TEST(Augment, CentreOfShowIsThatOfPreprocess) {
  EXPECT_TRUE(rc::check("a flip and its undoing", [] {
    const Image photo = noise(*rc::gen::inRange(1, 50), *rc::gen::inRange(1, 50), 2);
    const Size crop(*rc::gen::inRange(1, 40), *rc::gen::inRange(1, 40));
    const Preprocess preprocess{.resize = crop.shorter() + *rc::gen::inRange(0, 20), .crop = crop};
    Row row = view_of(photo, Augment{.flip = 1, .vertical_flip = 1}, preprocess, 3);
    image::flip_horizontal(row, crop.width);
    image::flip_vertical(row, crop.width);
    RC_ASSERT(row == preprocessed(photo, preprocess));
  }));
}

TEST(Augment, RandomCropIsAWindowOfTheResizedAndPaddedPhoto) {
  for (const Border border : {Border::constant, Border::edge, Border::reflect})
    for (const int margin : {0, 4, 30})
      for (uint64_t seed = 0; seed < 12; ++seed) {
        const Image photo = noise(40 + static_cast<int>(seed), 37, seed);
        const Preprocess preprocess{.resize = 20, .crop = 16};
        const Augment augment{.random_crop = true, .pad = margin, .flip = 0.5, .border = border};
        Rng rng(seed, 1);
        const View view = draw_view(augment, preprocess, photo.width, photo.height, rng);
        const Image resized = image::resize(photo, static_cast<int>(view.part.width), static_cast<int>(view.part.height), preprocess.filter);
        const Image padded = image::pad(resized, {margin, margin, margin, margin}, border);
        Row wanted(preprocess.row_bytes());
        const int left = static_cast<int>(view.part.x) + margin, top = static_cast<int>(view.part.y) + margin;
        image::resize_part(padded, {{left, top, 16, 16}, 16, 16, 0, 0, 16, 16, view.part.mirrored}, preprocess.filter, wanted);
        EXPECT_EQ(view_of(photo, augment, preprocess, seed, 1), wanted) << static_cast<int>(border) << ' ' << margin << ' ' << seed;
      }
}

TEST(Augment, ATurnOfTheWholePhotoIsAffine) {
  const Image photo = noise(48, 48, 4);
  const Preprocess preprocess{.resize = 48, .crop = 48};
  View view{.part = {{0, 0, 48, 48}, 48, 48, 0, 0, 48, 48}, .turn = image::Turn{.angle = 25, .translate_x = 3.5, .translate_y = -7, .shear_x = 12}};
  for (const Border border : {Border::constant, Border::edge, Border::reflect})
    EXPECT_LT(mean_difference(shown(photo, view, preprocess, border), image::affine(photo, *view.turn, border).pixels), 0.01);
  view.part.mirrored = true;
  Image mirrored = photo;
  image::flip_horizontal(mirrored.pixels, 48);
  EXPECT_LT(mean_difference(shown(photo, view, preprocess), image::affine(mirrored, *view.turn, Border::reflect).pixels), 0.1);
}

TEST(Augment, ATurnShowsThePhotoAroundTheSquare) {
  const Image photo = smooth(200, 150);
  const Preprocess preprocess{.resize = 60, .crop = 60};
  View view{.part = {{70, 45, 60, 60}, 60, 60, 0, 0, 60, 60}, .turn = image::Turn{.angle = 45}};
  Row wanted(preprocess.row_bytes());  // turned about the square's centre first, then cut
  image::Matrix matrix = image::inverse_matrix(*view.turn, 60, 60);
  image::transform(photo, composed(matrix, {1, 0, 70, 0, 1, 45}), 60, 60, Border::constant, {}, wanted);
  EXPECT_LT(mean_difference(shown(photo, view, preprocess, Border::constant), wanted), 0.01);
  for (const double zoom : {0.7, 1.6}) {
    view.turn->scale = zoom;
    matrix = image::inverse_matrix(*view.turn, 60, 60);
    image::transform(photo, composed(matrix, {1, 0, 70, 0, 1, 45}), 60, 60, Border::reflect, {}, wanted);
    EXPECT_LT(mean_difference(shown(photo, view, preprocess), wanted), 0.8) << zoom;
  }
  // The same square out of a photo twice as large shows the same.
  view = {.part = {{140, 90, 120, 120}, 60, 60, 0, 0, 60, 60, true, true}, .turn = image::Turn{.angle = 20, .scale = 1.2}};
  const Row large = shown(image::resize(photo, 400, 300, image::Filter::bicubic), view, preprocess);
  view.part.box = {70, 45, 60, 60};
  EXPECT_LT(mean_difference(large, shown(photo, view, preprocess)), 0.8);
}

TEST(Augment, AViewIsAFunctionOfSeedAndStream) {
  const Image photo = noise(90, 70, 5);
  const Preprocess preprocess{.resize = 40, .crop = 32};
  for (const Augment& augment : {of(AugmentPreset::light), of(AugmentPreset::standard), of(AugmentPreset::strong), much()}) {
    std::set<Row> seen;
    for (uint64_t stream = 0; stream < 20; ++stream) {
      EXPECT_EQ(view_of(photo, augment, preprocess, 1, stream), view_of(photo, augment, preprocess, 1, stream));
      seen.insert(view_of(photo, augment, preprocess, 1, stream));
    }
    EXPECT_EQ(seen.size(), 20U);
  }
}

TEST(Augment, PhotosOfAnySizeKeepTheirOnlyColour) {
  const Preprocess preprocess{.resize = 24, .crop = 20};
  for (const auto& [width, height] : {std::pair{1, 1}, {1, 300}, {300, 1}, {2, 3}, {7, 5}, {4000, 3}, {20, 20}})
    for (Augment augment : {of(AugmentPreset::light), of(AugmentPreset::standard), of(AugmentPreset::none, {.pad = 40}), much()}) {
      augment.brightness = augment.contrast = augment.saturation = augment.hue = 0;
      const Image photo{width, height, Row(static_cast<std::size_t>(width * height) * 3, 90)};
      for (const Border border : {Border::edge, Border::reflect}) {
        augment.border = border;
        for (uint64_t stream = 0; stream < 20; ++stream) {
          const Row row = view_of(photo, augment, preprocess, 1, stream);
          EXPECT_EQ(std::ranges::count(row, uint8_t{90}), static_cast<std::ptrdiff_t>(row.size())) << width << 'x' << height << ' ' << stream;
        }
      }
      augment.border = Border::constant;
      for (uint64_t stream = 0; stream < 20; ++stream) view_of(photo, augment, preprocess, 1, stream);
    }
}

TEST(Augment, FarOutOfThePhotoIsBorder) {
  const Preprocess preprocess{.resize = 20, .crop = 20};
  const Image photo{20, 20, Row(1200, 200)};
  View view{.part = {{0, 0, 20, 20}, 20, 20, 0, 0, 20, 20}, .turn = image::Turn{.translate_x = 50, .translate_y = 50}};
  EXPECT_EQ(shown(photo, view, preprocess, Border::constant), Row(1200, 0));
  EXPECT_EQ(shown(photo, view, preprocess, Border::reflect), Row(1200, 200));
  view = {.part = {{0, 0, 20, 20}, 20, 20, 40, 0, 20, 20}};
  EXPECT_EQ(shown(photo, view, preprocess, Border::constant), Row(1200, 0));
}

Effects only(const auto& set) {
  Effects effects;
  set(effects);
  return effects;
}

TEST(Augment, EffectsAreTheOperationsOnTheSquare) {
  const Image photo = smooth(70, 60);
  const Preprocess preprocess{.resize = 40, .crop = 32};
  const Row plain = preprocessed(photo, preprocess);
  const View centre{.part = {{0, 0, 70, 60}, 46, 40, 7, 4, 32, 32}};
  ASSERT_EQ(shown(photo, centre, preprocess), plain);
  const auto expect_effect = [&](const auto& set, const auto& operation) {
    View view = centre;
    view.effects = only(set);
    Row wanted = plain;
    operation(std::span<uint8_t>(wanted));
    EXPECT_NE(wanted, plain);
    EXPECT_EQ(shown(photo, view, preprocess), wanted);
  };
  expect_effect([](Effects& e) { e.grey = true; }, [](std::span<uint8_t> rgb) { image::make_grey(rgb); });
  expect_effect([](Effects& e) { e.blur = 1.5; }, [](std::span<uint8_t> rgb) { image::gaussian_blur(rgb, 32, 11, 1.5); });
  expect_effect([](Effects& e) { e.sharpness = 3; }, [](std::span<uint8_t> rgb) { image::adjust_sharpness(rgb, 32, 3); });
  expect_effect([](Effects& e) { e.posterise = 2; }, [](std::span<uint8_t> rgb) { image::posterise(rgb, 2); });
  expect_effect([](Effects& e) { e.solarise = 90; }, [](std::span<uint8_t> rgb) { image::solarise(rgb, 90); });
  expect_effect([](Effects& e) { e.autocontrast = true; }, [](std::span<uint8_t> rgb) { image::autocontrast(rgb); });
  expect_effect([](Effects& e) { e.equalise = true; }, [](std::span<uint8_t> rgb) { image::equalise(rgb); });
  expect_effect([](Effects& e) { e.invert = true; }, [](std::span<uint8_t> rgb) { image::invert(rgb); });
  View view = centre;
  view.policy = {{{{Operation::rotate, 30}, {Operation::invert}}}, {}};
  view.erasure = Erasure{{3, 4, 10, 9}, {1, 2, 3}};
  Row wanted = plain;
  apply(view.policy, wanted, 32, Border::wrap, {});
  image::erase(wanted, 32, {3, 4, 10, 9}, {1, 2, 3});
  EXPECT_EQ(shown(photo, view, preprocess, Border::wrap), wanted);
}

TEST(Augment, APerspectiveOfTheWholePhotoIsPerspective) {
  const Image photo = noise(48, 48, 4);
  const Preprocess preprocess{.resize = 48, .crop = 48};
  const image::Corners start{{{0, 0}, {47, 0}, {47, 47}, {0, 47}}}, end{{{4, 9}, {40, 2}, {44, 41}, {1, 46}}};
  View view{.part = {{0, 0, 48, 48}, 48, 48, 0, 0, 48, 48}, .perspective = image::perspective_map(start, end)};
  for (const Border border : {Border::constant, Border::edge, Border::reflect, Border::symmetric, Border::wrap})
    EXPECT_EQ(shown(photo, view, preprocess, border), image::perspective(photo, start, end, border).pixels) << static_cast<int>(border);
  view.part.mirrored = true;
  Image mirrored = photo;
  image::flip_horizontal(mirrored.pixels, 48);
  EXPECT_LT(mean_difference(shown(photo, view, preprocess), image::perspective(mirrored, start, end, Border::reflect).pixels), 0.1);
}

TEST(Augment, APerspectiveShowsThePhotoAroundTheSquareAndFollowsTheTurn) {
  const Image photo = smooth(200, 150);
  const Preprocess preprocess{.resize = 60, .crop = 60};
  const image::Corners start{{{0, 0}, {59, 0}, {59, 59}, {0, 59}}}, end{{{8, 3}, {52, 10}, {55, 49}, {2, 57}}};
  View view{.part = {{70, 45, 60, 60}, 60, 60, 0, 0, 60, 60},
            .turn = image::Turn{.angle = 20, .scale = 1.1},
            .perspective = image::perspective_map(start, end)};
  Row wanted(preprocess.row_bytes());
  const image::Matrix to_photo = composed(image::inverse_matrix(*view.turn, 60, 60), {1, 0, 70, 0, 1, 45});
  image::transform(photo, composed(*view.perspective, to_photo), 60, 60, Border::constant, {}, wanted);
  EXPECT_LT(mean_difference(shown(photo, view, preprocess, Border::constant), wanted), 0.8);
  EXPECT_EQ(std::ranges::count(wanted, uint8_t{0}), 0) << "photo, no border";
}

TEST(Augment, TheColourOfTheBorderAndOfWhatIsErased) {
  const Image photo{20, 20, Row(1200, 200)};
  const Preprocess preprocess{.resize = 20, .crop = 20, .mean = {0.1F, 0.2F, 0.3F}, .grey = true};
  const View away{.part = {{0, 0, 20, 20}, 20, 20, 40, 0, 20, 20}};
  Row row(preprocess.row_bytes());
  show(photo, away, Border::constant, preprocess, row, {50, 50, 50});
  EXPECT_EQ(row, Row(400, 50));
  const Row erased = view_of(photo, of(AugmentPreset::none, {.erase = 1}), preprocess, 1);
  EXPECT_GT(std::ranges::count(erased, uint8_t{26}), 0) << "gray pictures have one mean, the first";
  EXPECT_EQ(std::ranges::count(erased, uint8_t{26}) + std::ranges::count(erased, uint8_t{200}), 400);
}

TEST(Augment, AnythingGoesOnPhotosOfAnySize) {
  const Preprocess preprocess{.resize = 24, .crop = 20};
  for (const auto& [width, height] : {std::pair{1, 1}, {1, 300}, {300, 1}, {7, 5}, {40, 30}})
    for (const Policy policy : {Policy::randaugment, Policy::trivial, Policy::autoaugment, Policy::augmix}) {
      AugmentOptions
          options{.perspective = 1, .perspective_chance = 1, .grey_chance = 0.5, .blur = 20, .sharpness = 4, .policy = policy, .erase = 0.5};
      for (const Border border : {Border::constant, Border::edge, Border::reflect, Border::symmetric, Border::wrap}) {
        options.border = border;
        for (uint64_t stream = 0; stream < 20; ++stream) view_of(noise(width, height, 1), of(AugmentPreset::strong, options), preprocess, 1, stream);
      }
    }
}

TEST(Augment, GreyIsTheLumaOfTheColourView) {
  const Image photo = noise(60, 50, 6);
  Preprocess preprocess{.resize = 30, .crop = 24};
  for (uint64_t stream = 0; stream < 10; ++stream) {
    preprocess.grey = false;
    const Row colour = view_of(photo, much(), preprocess, 2, stream);
    preprocess.grey = true;
    const Row grey = view_of(photo, much(), preprocess, 2, stream);
    ASSERT_EQ(grey.size(), 24U * 24U);
    for (std::size_t i = 0; i < grey.size(); ++i) ASSERT_EQ(grey[i], image::luma(&colour[3 * i]));
  }
}

}  // namespace
}  // namespace graft::data

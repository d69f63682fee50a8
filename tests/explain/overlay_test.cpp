#include "graft/explain/overlay.h"

#include <gtest/gtest.h>

#include "graft/explain/sheet.h"

namespace graft::explain {
namespace {

image::Image grey(int width, int height, uint8_t value = 128) {
  return {width, height, std::vector<uint8_t>(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3, value)};
}

std::array<uint8_t, 3> at(const image::Image& image, int x, int y) {
  const std::size_t p = (static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) + static_cast<std::size_t>(x)) * 3;
  return {image.pixels[p], image.pixels[p + 1], image.pixels[p + 2]};
}

TEST(Window, IsWhatTheNetworkSees) {
  data::Preprocess preprocess;
  preprocess.resize = 100, preprocess.crop = 80;
  const Window wide = window_of(400, 200, preprocess);  // of 200 x 100 the middle 80 x 80
  EXPECT_NEAR(wide.x, 0.3, 1e-9);
  EXPECT_NEAR(wide.width, 0.4, 1e-9);
  EXPECT_NEAR(wide.y, 0.1, 1e-9);
  EXPECT_NEAR(wide.height, 0.8, 1e-9);
}

TEST(Reading, TellsThePeakInThePhotoAndHowMuchOfThePictureHoldsHalf) {
  const Window window{0.5, 0, 0.5, 1};
  const Reading reading = read({2, 4, {0, 0, 0, -9, 1, 1, 4, 2}}, window);
  EXPECT_TRUE(reading.supports);
  EXPECT_NEAR(reading.across, 0.5 + 0.5 * 2.5 / 4, 1e-9);
  EXPECT_NEAR(reading.down, 0.75, 1e-9);
  EXPECT_NEAR(reading.half_within, 1 / 8.0, 1e-9) << "4 of 8";
  EXPECT_FALSE(read({1, 2, {-1, 0}}, window).supports);
}

TEST(Colour, GrowsLighterFromEndToEnd) {
  int before = -1;
  for (int i = 0; i <= 20; ++i) {
    const auto c = colour_of(i / 20.0);
    const int luma = 299 * c[0] + 587 * c[1] + 114 * c[2];
    EXPECT_GT(luma, before) << i;
    before = luma;
  }
}

TEST(Overlay, ColoursWhatSupportsWhereItIs) {
  const HeatMap map{2, 2, {-5, 0, 0, 8}};
  const image::Image out = overlay(grey(40, 20), map, {0.5, 0, 0.5, 1}, 8);
  EXPECT_EQ(out.width, 40);
  EXPECT_EQ(out.height, 20);
  EXPECT_EQ(at(out, 10, 10), (std::array<uint8_t, 3>{45, 45, 45})) << "what the network does not see is dark";
  EXPECT_EQ(at(out, 22, 2), (std::array<uint8_t, 3>{128, 128, 128})) << "what speaks against the class is not colored";
  const auto most = at(out, 38, 18);
  EXPECT_GT(most[0], 200);
  EXPECT_LT(most[2], 100) << "yellow";
}

TEST(Overlay, WithoutSupportIsThePhotoInGrey) {
  const image::Image out = overlay(grey(8, 8), {1, 1, {-1}}, {}, -1);
  EXPECT_EQ(out.pixels, grey(8, 8).pixels);
}

TEST(Sheet, HasAPhotoItsMapsAndBarsAsLongAsTheirProbabilities) {
  SheetRow row{{grey(100, 60), {}}, {{0, {1, 1, {1}}}, {1, {1, 1, {0}}}}, {0.75F, 0.25F}};
  const image::Image out = drawn(row, 100, false);
  EXPECT_EQ(out.width, 8 + 3 * 108);
  EXPECT_EQ(out.height, 60 + 8 + 3 * 8);
  EXPECT_EQ(at(out, 10, 10), (std::array<uint8_t, 3>{128, 128, 128}));
  const int bar = 60 + 2 * 8 + 3;
  EXPECT_EQ(at(out, 8 + 108 + 74, bar), (std::array<uint8_t, 3>{51, 65, 85}));
  EXPECT_EQ(at(out, 8 + 108 + 76, bar), (std::array<uint8_t, 3>{226, 232, 240}));
  EXPECT_EQ(at(out, 8 + 216 + 24, bar), (std::array<uint8_t, 3>{51, 65, 85}));
  EXPECT_EQ(at(out, 8 + 216 + 26, bar), (std::array<uint8_t, 3>{226, 232, 240}));
  row.nearest = {"not/there.jpg"};
  EXPECT_GT(drawn(row, 100, false).width, out.width) << "a photo that is gone leaves its place empty";
  const std::vector<image::Image> rows{out, drawn(row, 100, true)};
  EXPECT_EQ(stacked(rows).height, rows[0].height + rows[1].height);
}

}  // namespace
}  // namespace graft::explain

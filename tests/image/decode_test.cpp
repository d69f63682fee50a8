#include "graft/image/decode.h"

#include <gtest/gtest.h>

#include "image/fixtures.h"

namespace graft::image {
namespace {

class DecodeGolden : public testing::TestWithParam<nlohmann::json> {};

TEST_P(DecodeGolden, EqualsPillow) {
  const nlohmann::json& golden = GetParam();
  const std::string file = golden.at("file");
  const Image image = decode(fixture(file), file, {.background = Background::white});
  EXPECT_EQ(image.width, golden.at("width").get<int>());
  EXPECT_EQ(image.height, golden.at("height").get<int>());
  EXPECT_EQ(digest(image.pixels), golden.at("sha256").get<std::string>());
}

std::string test_name(const testing::TestParamInfo<nlohmann::json>& info) {
  std::string name = info.param.at("file");
  std::ranges::replace(name, '.', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Fixtures, DecodeGolden, testing::ValuesIn(goldens("decode").get<std::vector<nlohmann::json>>()), test_name);

TEST(Decode, EveryFixtureHasAGoldenOrIsRefused) { EXPECT_EQ(goldens("decode").size() + 1, fixture_names().size()); }  // all but animated.webp

TEST(Decode, FormatIsToldByTheFirstBytes) {
  EXPECT_EQ(sniff(fixture("420.jpg")), Format::jpeg);
  EXPECT_EQ(sniff(fixture("rgb8.png")), Format::png);
  EXPECT_EQ(sniff(fixture("lossy.webp")), Format::webp);
  EXPECT_EQ(sniff(fixture("bmp24.bmp")), Format::bmp);
  EXPECT_EQ(sniff(fixture("bmp24_core.bmp")), Format::bmp);
  EXPECT_EQ(sniff(as_bytes("BM")), Format::bmp);
  EXPECT_EQ(sniff(as_bytes("BMW and other makers of motor cars")), std::nullopt);
  EXPECT_EQ(sniff(as_bytes("RIFF....WAVEfmt ")), std::nullopt);
  EXPECT_EQ(sniff({}), std::nullopt);
}

TEST(Decode, ExifTurnIsAnOption) {
  const Image turned = decode(fixture("exif6.jpg"), "x"), plain = decode(fixture("exif6.jpg"), "x", {.exif = false});
  EXPECT_EQ(turned.width, plain.height);
  EXPECT_EQ(turned.height, plain.width);
  EXPECT_EQ(plain.pixels, decode(fixture("exif1.jpg"), "x").pixels);
}

TEST(Decode, LimitIsInclusive) {
  const Image image = decode(fixture("rgb8.png"), "x", {.max_pixels = 23 * 17});
  EXPECT_EQ(image.pixels.size(), 23u * 17 * 3);
}

}  // namespace
}  // namespace graft::image

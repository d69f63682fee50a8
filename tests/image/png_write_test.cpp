#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <stdexcept>

#include "graft/image/decode.h"
#include "graft/image/png.h"

namespace graft::image {
namespace {

TEST(PngWrite, ReadsBackTheSame) {
  EXPECT_TRUE(rc::check([] {
    const int width = *rc::gen::inRange(1, 40), height = *rc::gen::inRange(1, 40), channels = *rc::gen::element(1, 3);
    const auto pixels = *rc::gen::container<std::vector<uint8_t>>(static_cast<std::size_t>(width * height * channels), rc::gen::arbitrary<uint8_t>());
    const std::string png = encode_png(pixels, width, height, channels);
    const Image image = decode(as_bytes(png), "x");
    RC_ASSERT(image.width == width && image.height == height);
    for (std::size_t i = 0; i < image.pixels.size(); ++i) RC_ASSERT(image.pixels[i] == pixels[channels == 3 ? i : i / 3]);
  }));
}

TEST(PngWrite, GreyStaysGrey) {
  const std::vector<uint8_t> pixels(12, 7);
  constexpr std::size_t kColourType = 25;
  EXPECT_EQ(encode_png(pixels, 4, 3, 1)[kColourType], 0);
  EXPECT_EQ(encode_png(pixels, 2, 2, 3)[kColourType], 2);
  EXPECT_EQ(encode_png(Image{2, 2, pixels}), encode_png(pixels, 2, 2, 3));
}

TEST(PngWrite, SizesThatAreNotThePixels) {
  const std::vector<uint8_t> pixels(12, 7);
  EXPECT_THROW(encode_png(pixels, 4, 4, 1), std::invalid_argument);
  EXPECT_THROW(encode_png(pixels, 0, 3, 1), std::invalid_argument);
  EXPECT_THROW(encode_png(pixels, 3, 2, 2), std::invalid_argument);
}

}  // namespace
}  // namespace graft::image

// A JPEG that is written is read again, and shows about the same.
#include "graft/image/jpeg_write.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <stdexcept>

#include "graft/image/decode.h"

namespace graft::image {
namespace {

Image made(int width, int height) {
  Image image{width, height, {}};
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (const int value : {200 * x / width, 200 * y / height, 90}) image.pixels.push_back(static_cast<uint8_t>(value));
  return image;
}

TEST(JpegWrite, IsReadAgain) {
  for (const auto& [width, height] : {std::pair{64, 48}, {1, 1}, {17, 9}}) {
    const Image image = made(width, height);
    const std::string file = encode_jpeg(image, 90);
    const Image again = decode(as_bytes(file), "made.jpg");
    ASSERT_EQ(again.width, width);
    ASSERT_EQ(again.height, height);
    for (std::size_t i = 0; i < image.pixels.size(); ++i) ASSERT_LE(std::abs(image.pixels[i] - again.pixels[i]), 40) << i;
  }
}

TEST(JpegWrite, LessQualityIsSmaller) { EXPECT_LT(encode_jpeg(made(200, 200), 30).size(), encode_jpeg(made(200, 200), 95).size()); }

TEST(JpegWrite, SizesThatDoNotAgreeAreRefused) {
  EXPECT_THROW(encode_jpeg({2, 2, {1, 2, 3}}, 80), std::invalid_argument);
  EXPECT_THROW(encode_jpeg({0, 0, {}}, 80), std::invalid_argument);
  EXPECT_THROW(encode_jpeg({70000, 1, std::vector<uint8_t>(210000)}, 80), std::invalid_argument);
}

}  // namespace
}  // namespace graft::image

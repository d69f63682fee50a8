// The eight turns against Pillow are in decode_test.cpp (exif1.jpg to exif8.jpg, both byte orders).
#include "graft/image/exif.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "image/fixtures.h"

namespace graft::image {
namespace {

using namespace std::string_literals;

int orientation_of(const std::string& tiff) { return tiff_orientation(as_bytes(tiff)); }

const std::string kShort = "II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"s;

TEST(Exif, ReadsBothByteOrdersAndTypes) {
  EXPECT_EQ(orientation_of(kShort), 6);
  EXPECT_EQ(orientation_of("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x08\0\0\0\0\0\0"s), 8);
  EXPECT_EQ(orientation_of("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x04\0\0\0\x01\0\0\0\x05\0\0\0\0"s), 5);
}

TEST(Exif, NonsenseIsUpright) {
  EXPECT_EQ(orientation_of(""), 1);
  EXPECT_EQ(orientation_of("not a TIFF structure"), 1);
  std::string text = kShort;
  text[18] = 9;  // no such orientation
  EXPECT_EQ(orientation_of(text), 1);
  text = kShort;
  text[18] = 0;
  EXPECT_EQ(orientation_of(text), 1);
  text = kShort;
  text[4] = text[5] = text[6] = text[7] = '\xff';  // directory behind the end
  EXPECT_EQ(orientation_of(text), 1);
  text = kShort;
  text[8] = text[9] = '\xff';  // more entries than there are
  text[10] = 0x13;
  EXPECT_EQ(orientation_of(text), 1);
}

TEST(Exif, EveryPrefixIsSafe) {
  for (size_t size = 0; size <= kShort.size(); ++size) {
    const std::vector<char> prefix(kShort.begin(), kShort.begin() + static_cast<ptrdiff_t>(size));  // on the heap, for asan
    EXPECT_EQ(tiff_orientation(std::as_bytes(std::span(prefix))), size < 22 ? 1 : 6) << size;
  }
}

TEST(Exif, AnyBytesAreSafe) {
  EXPECT_TRUE(rc::check("1 to 8", [](const std::vector<uint8_t>& bytes, bool big) {
    std::vector<uint8_t> tiff = big ? std::vector<uint8_t>{'M', 'M', 0, '*', 0, 0, 0, 8} : std::vector<uint8_t>{'I', 'I', '*', 0, 8, 0, 0, 0};
    tiff.insert(tiff.end(), bytes.begin(), bytes.end());
    for (const auto orientation : {jpeg_orientation, png_orientation, webp_orientation}) {
      const int value = orientation(std::as_bytes(std::span(bytes)));
      RC_ASSERT(value >= 1 && value <= 8);
    }
    const int value = tiff_orientation(std::as_bytes(std::span(tiff)));
    RC_ASSERT(value >= 1 && value <= 8);
  }));
}

TEST(Exif, TurningTwiceComesBack) {
  const Image image = ruled(37, 21, 1);
  constexpr int kUndo[] = {0, 1, 2, 3, 4, 5, 8, 7, 6};
  for (int value = 1; value <= 8; ++value) EXPECT_EQ(turned(turned(image, value), kUndo[value]).pixels, image.pixels) << value;
}

}  // namespace
}  // namespace graft::image

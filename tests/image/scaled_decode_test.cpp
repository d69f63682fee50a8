#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "error_text.h"
#include "graft/base/error.h"
#include "graft/image/decode.h"
#include "image/fixtures.h"

namespace graft::image {
namespace {

nlohmann::json rows_of_enough() {
  return nlohmann::json::parse(as_text(read_file(fixture_folder().parent_path() / "transform_goldens.json"))).at("enough");
}

TEST(ScaledDecode, EqualsPillowsDraft) {
  const nlohmann::json rows = rows_of_enough();
  EXPECT_EQ(rows.size(), 24u);
  for (const auto& row : rows) {
    const auto bytes = fixture(row.at("file"));
    const Image image = decode(bytes, "photo", {.enough = row.at("enough")});
    EXPECT_EQ(image.width, row.at("width")) << row;
    EXPECT_EQ(image.height, row.at("height")) << row;
    EXPECT_EQ(digest(image.pixels), row.at("sha256")) << row;
    const Image larger = decode(bytes, "photo", {.enough = row.at("enough").get<int>() + 1});
    EXPECT_GE(std::min(larger.width, larger.height), row.at("enough").get<int>() + 1) << "never below what is enough " << row;
  }
}

TEST(ScaledDecode, WholeWhenNothingIsSaidOrNotEnoughWouldBeLeft) {
  const auto bytes = fixture("420.jpg");
  const Image whole = decode(bytes, "photo");
  for (const int enough : {0, 10, 17, 1000}) EXPECT_EQ(decode(bytes, "photo", {.enough = enough}).pixels, whole.pixels) << enough;
}

TEST(ScaledDecode, OtherFormatsComeWhole) {
  for (const char* name : {"rgb8.png", "lossless.webp", "bmp24.bmp"}) EXPECT_EQ(decode(fixture(name), name, {.enough = 2}).width, 23) << name;
}

TEST(ScaledDecode, LimitsAndDamageAreThoseOfTheFile) {
  const auto bytes = fixture("420.jpg");
  EXPECT_EQ(test::error_of([&] { decode(bytes, "photo", {.max_pixels = 390, .enough = 2}); }),
            "data: photo: 23x17 pixels are more than the limit of 390");
  const auto half = Bytes(bytes).first(bytes.size() * 3 / 4);
  EXPECT_TRUE(test::error_of([&] { decode(half, "photo", {.enough = 9}); }).starts_with("data: photo: truncated JPEG ("))
      << "with the rows there are";
}

TEST(ScaledDecode, DamagedFilesGiveAnImageOrAnError) {
  EXPECT_TRUE(rc::check("an image or an Error", [] {
    for (const char* name : {"420.jpg", "progressive.jpg", "cmyk.jpg"}) {
      auto bytes = fixture(name);
      for (int i = 0; i < 4; ++i) bytes[*rc::gen::inRange<size_t>(2, bytes.size())] = static_cast<std::byte>(*rc::gen::arbitrary<uint8_t>());
      try {
        const Image image = decode(bytes, name, {.max_pixels = 1 << 16, .enough = *rc::gen::inRange(1, 12)});
        RC_ASSERT(image.pixels.size() == static_cast<size_t>(image.width) * static_cast<size_t>(image.height) * 3);
      } catch (const Error& error) {
        RC_ASSERT(error.kind() == ErrorKind::data);
      }
    }
  }));
}

}  // namespace
}  // namespace graft::image

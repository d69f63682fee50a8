// Files that are damaged, cut, hostile or no image at all: an exact Error, never a crash (run under the asan preset, too).
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "error_text.h"
#include "graft/base/rng.h"
#include "graft/image/decode.h"
#include "image/fixtures.h"

namespace graft::image {
namespace {

using test::error_of;

std::string error_of_bytes(Bytes bytes, std::string_view name, const DecodeOptions& options = {}) {
  return error_of([&] { decode(bytes, name, options); });
}

std::string error_of_prefix(const std::string& file, size_t size, std::string_view name) {
  return error_of_bytes(Bytes(fixture(file)).first(size), name);
}

std::vector<std::byte> patched(const std::string& file, size_t at, std::initializer_list<int> values) {
  std::vector<std::byte> bytes = fixture(file);
  for (const int value : values) bytes.at(at++) = static_cast<std::byte>(value);
  return bytes;
}

TEST(Broken, NoImage) {
  EXPECT_EQ(error_of_bytes(as_bytes("%PDF-1.7"), "photos/cat/017.jpg"),
            "data: photos/cat/017.jpg: not a JPEG, PNG, WebP, BMP, TIFF, GIF, HEIC, AVIF, JPEG 2000 or DICOM (starts with 25 50 44 46)");
  EXPECT_EQ(error_of_bytes(as_bytes("a"), "x.png"),
            "data: x.png: not a JPEG, PNG, WebP, BMP, TIFF, GIF, HEIC, AVIF, JPEG 2000 or DICOM (starts with 61)");
  EXPECT_EQ(error_of_bytes({}, "x.jpg"), "data: x.jpg: empty file");
  EXPECT_EQ(error_of_bytes({}, "a\nb\xff.jpg"), "data: a\\x0ab\\xff.jpg: empty file");
}

TEST(Broken, HintIsLeftToTheCaller) {
  try {
    decode({}, "x.jpg");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.hint(), "");
    EXPECT_EQ(error.subject(), "x.jpg");
  }
}

TEST(Broken, Jpeg) {
  const size_t size = fixture("grey.jpg").size();
  EXPECT_EQ(error_of_prefix("grey.jpg", 3, "x.jpg"), "data: x.jpg: truncated JPEG (ends before its first row)");
  EXPECT_EQ(error_of_prefix("grey.jpg", 100, "x.jpg"), "data: x.jpg: truncated JPEG (ends before its first row)");
  EXPECT_EQ(error_of_prefix("grey.jpg", size - 40, "x.jpg"), "data: x.jpg: truncated JPEG (8 of 17 rows are readable)");
  EXPECT_EQ(error_of_prefix("progressive.jpg", fixture("progressive.jpg").size() - 30, "x.jpg"), "data: x.jpg: truncated JPEG (ends in scan 10)");
  EXPECT_EQ(error_of_bytes(as_bytes("\xff\xd8\xff\xd9"), "x.jpg"), "data: x.jpg: broken JPEG: JPEG datastream contains no image");
  EXPECT_EQ(error_of_bytes(fixture("420.jpg"), "x.jpg", {.max_pixels = 390}), "data: x.jpg: 23x17 pixels are more than the limit of 390");
}

TEST(Broken, JpegWithoutItsEndMarkerIsWhole) {
  const auto whole = fixture("420.jpg");
  EXPECT_EQ(decode(Bytes(whole).first(whole.size() - 2), "x").pixels, decode(whole, "x").pixels);
}

TEST(Broken, JpegOfEndlessScans) {
  const auto file = fixture("progressive.jpg");
  const std::string text(as_text(file)), marker("\xff\xda");
  const size_t last = text.rfind(marker);
  std::string many = text.substr(0, text.size() - 2);
  for (int i = 0; i < 600; ++i) many += text.substr(last, text.size() - 2 - last);
  EXPECT_EQ(error_of_bytes(as_bytes(many), "x.jpg"), "data: x.jpg: broken JPEG: more than 500 scans");
}

TEST(Broken, JpegOfTwoComponents) {
  const std::string text(
      "\xff\xd8\xff\xc0\x00\x0e\x08\x00\x10\x00\x10\x02\x01\x11\x00\x02\x11\x00"
      "\xff\xda\x00\x0a\x02\x01\x00\x02\x00\x00\x3f\x00\xff\xd9",
      32);
  EXPECT_EQ(error_of_bytes(as_bytes(text), "x.jpg"), "data: x.jpg: JPEG with 2 color components, expected 1, 3 or 4");
}

TEST(Broken, Png) {
  const std::string huge("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xff\xdc\0\0\xff\xdc\x08\x02\0\0\0\xe3\x62\xf3\x1c", 33);
  EXPECT_EQ(error_of_bytes(as_bytes(huge), "x.png"), "data: x.png: 65500x65500 pixels are more than the limit of 178,956,970");
  EXPECT_EQ(error_of_prefix("rgb8.png", 20, "x.png"), "data: x.png: truncated PNG");
  EXPECT_EQ(error_of_prefix("rgb8.png", 200, "x.png"), "data: x.png: truncated PNG");
  EXPECT_EQ(error_of_bytes(patched("rgb8.png", 24, {9}), "x.png"), "data: x.png: broken PNG: invalid bit depth");
  EXPECT_EQ(error_of_bytes(patched("rgb8.png", 29, {9}), "x.png"), "data: x.png: broken PNG: invalid chunk checksum");
  EXPECT_EQ(error_of_bytes(patched("rgb8.png", 80, {9}), "x.png"), "data: x.png: broken PNG: IDAT stream error");
}

TEST(Broken, Webp) {
  EXPECT_EQ(error_of_prefix("lossy.webp", 100, "x.webp"), "data: x.webp: truncated WebP");
  EXPECT_EQ(error_of_prefix("lossless.webp", 100, "x.webp"), "data: x.webp: truncated WebP");
  EXPECT_EQ(error_of_bytes(fixture("animated.webp"), "x.webp"), "data: x.webp: animated WebP, expected a still image");
  EXPECT_EQ(error_of_bytes(patched("lossy.webp", 23, {0}), "x.webp"), "data: x.webp: broken WebP: bitstream error");
  EXPECT_EQ(error_of_bytes(fixture("lossy.webp"), "x.webp", {.max_pixels = 9}), "data: x.webp: 23x17 pixels are more than the limit of 9");
}

TEST(Broken, Bmp) {
  EXPECT_EQ(error_of_prefix("bmp24.bmp", 2, "x.bmp"), "data: x.bmp: truncated BMP (ends in its header)");
  EXPECT_EQ(error_of_prefix("bmp24.bmp", 32, "x.bmp"), "data: x.bmp: truncated BMP (ends in its header)");
  EXPECT_EQ(error_of_prefix("bmp24.bmp", 54 + 3 * 72 + 71, "x.bmp"), "data: x.bmp: truncated BMP (4 of 17 rows are readable)");
  EXPECT_EQ(error_of_prefix("bmp24.bmp", 54 + 3 * 72 + 68, "x.bmp"), "data: x.bmp: truncated BMP (3 of 17 rows are readable)");
  EXPECT_EQ(error_of_prefix("bmp8_rle.bmp", fixture("bmp8_rle.bmp").size() - 12, "x.bmp"), "data: x.bmp: truncated BMP (16 of 17 rows are readable)");
  EXPECT_EQ(error_of_bytes(patched("bmp16_565.bmp", 54, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}), "x.bmp"),
            "data: x.bmp: BMP without colors (its masks are empty)");
  EXPECT_EQ(error_of_bytes(patched("bmp24.bmp", 28, {7}), "x.bmp"),
            "data: x.bmp: BMP with 7 bits per pixel and compression 0, which is not supported");
  EXPECT_EQ(error_of_bytes(patched("bmp24.bmp", 30, {5}), "x.bmp"),
            "data: x.bmp: BMP with 24 bits per pixel and compression 5, which is not supported");
  EXPECT_EQ(error_of_bytes(patched("bmp24.bmp", 18, {0}), "x.bmp"), "data: x.bmp: 0x17 pixels, expected at least 1x1");
  EXPECT_EQ(error_of_bytes(patched("bmp24.bmp", 18, {0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0x80}), "x.bmp"),
            "data: x.bmp: 2147483647x2147483648 pixels are more than the limit of 178,956,970");
}

// However short a file is cut: an Error, or all of the image.
TEST(Broken, EveryPrefixIsRefusedOrWhole) {
  for (const std::string& name : fixture_names()) {
    if (name == "animated.webp") continue;
    const auto file = fixture(name);
    const Image whole = decode(file, name, {.exif = false});
    size_t refused = 0;
    for (size_t size = 0; size < file.size(); ++size) {
      const std::vector<std::byte> prefix(file.begin(), file.begin() + static_cast<ptrdiff_t>(size));  // on the heap, for asan
      try {
        ASSERT_EQ(decode(prefix, name, {.exif = false}).pixels, whole.pixels) << name << " cut at " << size;
      } catch (const Error&) {
        ++refused;
      }
    }
    EXPECT_GT(refused, file.size() / 2) << name;
  }
}

// The formats of other libraries, whose pictures may be whole in the first page or frame.
TEST(Broken, EveryPrefixOfOtherFormatsIsRefusedOrAPicture) {
  const std::filesystem::path folder = fixture_folder().parent_path() / "formats";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto file = read_file(entry.path());
    size_t refused = 0;
    for (size_t size = 0; size < file.size(); size += size < 300 ? 7 : 31) {
      const std::vector<std::byte> prefix(file.begin(), file.begin() + static_cast<ptrdiff_t>(size));  // on the heap, for asan
      try {
        const Image image = decode(prefix, "x", {.max_pixels = 200'000});
        ASSERT_EQ(image.pixels.size(), static_cast<size_t>(image.width) * static_cast<size_t>(image.height) * 3);
      } catch (const Error& error) {
        ASSERT_EQ(error.subject(), "x");
        ++refused;
      }
    }
    EXPECT_GT(refused, 3U) << entry.path();
  }
}

// Each says of what format it is and what is wrong, in a sentence.
TEST(Broken, OtherFormats) {
  const auto part = [](const char* name, size_t size) {
    const auto file = read_file(fixture_folder().parent_path() / "formats" / name);
    return error_of_bytes(Bytes(file).first(std::min(size, file.size())), "x");
  };
  EXPECT_EQ(part("screen_table.gif", 100), "data: x: truncated GIF");
  EXPECT_TRUE(part("tiles.tif", 300).starts_with("data: x: broken TIFF")) << part("tiles.tif", 300);
  EXPECT_TRUE(part("photo.heic", 100).starts_with("data: x: broken HEIC or AVIF: ")) << part("photo.heic", 100);
  EXPECT_EQ(part("tiles.j2k", 30), "data: x: truncated JPEG 2000 (ends in its header)");
  EXPECT_EQ(error_of_bytes(read_file(fixture_folder().parent_path() / "formats" / "photo.heic"), "x", {.max_pixels = 9}),
            "data: x: HEIC or AVIF of more pixels than the limit of 9");
  EXPECT_EQ(error_of_bytes(read_file(fixture_folder().parent_path() / "formats" / "rgb_raw.tif"), "x", {.max_pixels = 9}),
            "data: x: 23x17 pixels are more than the limit of 9");
  EXPECT_EQ(error_of_bytes(read_file(fixture_folder().parent_path() / "formats" / "rgb.jp2"), "x", {.max_pixels = 9}),
            "data: x: 23x17 pixels are more than the limit of 9");
  EXPECT_EQ(error_of_bytes(read_file(fixture_folder().parent_path() / "formats" / "moving.gif"), "x", {.max_pixels = 9}),
            "data: x: 23x17 pixels are more than the limit of 9");
}

// Four corners of a header that asks for a million tiles or planes: refused before OpenJPEG makes room for them.
TEST(Broken, Jpeg2000OfTooMany) {
  std::vector<std::byte> file = read_file(fixture_folder().parent_path() / "formats" / "tiles.j2k");
  const auto patched_at = [&](size_t at, int value) {
    auto bytes = file;
    for (int i = 0; i < 4; ++i) bytes[at + static_cast<size_t>(i)] = static_cast<std::byte>(value >> (24 - 8 * i));
    return bytes;
  };
  EXPECT_EQ(error_of_bytes(patched_at(24, 0), "x"), "data: x: broken JPEG 2000: invalid tiles");
  auto wide = patched_at(8, 8 * 5000);
  EXPECT_EQ(error_of_bytes(wide, "x"), "data: x: JPEG 2000 of 15,000 tiles, expected at most 4,096");
  file[40] = std::byte{1};
  EXPECT_EQ(error_of_bytes(file, "x"), "data: x: JPEG 2000 of 259 components, expected 1 to 4");
}

TEST(Broken, RandomDamageNeverCrashes) {
  size_t survived = 0, refused = 0;
  uint64_t stream = 0;
  for (const std::string& name : fixture_names()) {
    const auto file = fixture(name);
    for (int i = 0; i < 150; ++i) {
      Rng rng(3, stream++);
      auto bytes = file;
      for (uint64_t k = 0, count = 1 + rng.below(6); k < count; ++k) {
        const uint64_t region = rng.below(2) == 0 ? std::min<uint64_t>(64, bytes.size()) : bytes.size();  // headers more often
        bytes[rng.below(region)] = static_cast<std::byte>(rng.below(4) == 0 ? 0xff : rng.below(256));
      }
      try {
        const Image image = decode(bytes, name, {.max_pixels = 200'000});
        ASSERT_EQ(image.pixels.size(), static_cast<size_t>(image.width) * static_cast<size_t>(image.height) * 3);
        ++survived;
      } catch (const Error& error) {
        ASSERT_EQ(error.kind(), ErrorKind::data);
        ++refused;
      }
    }
  }
  EXPECT_GT(survived, 100u);
  EXPECT_GT(refused, 1000u);
}

TEST(Broken, RandomBytesBehindAMagicNumberNeverCrash) {
  EXPECT_TRUE(rc::check("an image or an Error", [](const std::vector<uint8_t>& tail) {
    using namespace std::string_literals;
    const std::string magic = *rc::gen::element("\xff\xd8\xff"s, "\x89PNG\r\n\x1a\n"s, "RIFF\xff\0\0\0WEBP"s, "BM"s);
    const std::string text = magic + std::string(tail.begin(), tail.end());
    const std::string error = error_of_bytes(as_bytes(text), "x", {.max_pixels = 200'000});
    RC_ASSERT(error == "no error" || error.starts_with("data: x: "));
  }));
}

}  // namespace
}  // namespace graft::image

#include "graft/image/details.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "graft/image/exif.h"
#include "graft/image/png.h"

namespace graft::image {
namespace {

using namespace std::string_literals;

/// A JPEG up to its frame header: what is looked at.
std::string jpeg(const std::string& table, char components, const std::string& exif = "") {
  std::string file = "\xff\xd8"s;
  if (!exif.empty())
    file += "\xff\xe1"s + static_cast<char>((exif.size() + 8) >> 8) + static_cast<char>((exif.size() + 8) & 255) + "Exif\0\0"s + exif;
  file += "\xff\xdb\x00\x43\x00"s + table;
  return file + "\xff\xc0\x00\x08\x08\x00\x10\x00\x30"s + components + "\xff\xda"s;
}

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return bytes;
}

// The tables of brightness that Pillow 13 writes for quality=60 and 75.
const std::string kQuality60 = from_hex(
    "0d090a0b0a080d0b0a0b0e0e0d0f13201513121213271c1e17202e2931302e29"
    "2d2c333a4a3e333646372c2d405741464c4e525352323e5a615a50604a51524f");
const std::string kQuality75 = from_hex(
    "080606070605080707070909080a0c140d0c0b0b0c1912130f141d1a1f1e1d1a"
    "1c1c20242e2720222c231c1c2837292c30313434341f27393d38323c2e333432");

/// Make, Model and DateTime in the first directory, DateTimeOriginal in EXIF's.
std::string exif_of(const std::string& make, const std::string& model, const std::string& original) {
  const auto number = [](std::size_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 255);
    return text;
  };
  const auto entry = [&](std::size_t tag, std::size_t type, std::size_t count, std::size_t value) {
    return number(tag, 2) + number(type, 2) + number(count, 4) + number(value, 4);
  };
  const std::size_t second = 8 + 2 + 3 * 12 + 4, texts = second + 2 + 12 + 4;
  return "II*\0"s + number(8, 4) + number(3, 2) + entry(0x010f, 2, make.size() + 1, texts) +
         entry(0x0110, 2, model.size() + 1, texts + make.size() + 1) + entry(0x8769, 4, 1, second) + number(0, 4) + number(1, 2) +
         entry(0x9003, 2, original.size() + 1, texts + make.size() + model.size() + 2) + number(0, 4) + make + '\0' + model + '\0' + original + '\0';
}

TEST(Details, OfAJpeg) {
  const Details details = details_of(as_bytes(jpeg(kQuality75, 3, exif_of("Canon", "Canon EOS 5D", "2012:05:14 10:22:31"))));
  EXPECT_EQ(details.format, Format::jpeg);
  EXPECT_EQ(details.jpeg_quality, 75);
  EXPECT_EQ(details.components, 3);
  EXPECT_EQ(details.width, 48);
  EXPECT_EQ(details.height, 16);
  EXPECT_EQ(details.camera, "Canon EOS 5D");
  EXPECT_EQ(details.taken, "2012:05:14 10:22:31");
}

TEST(Details, MakerAndModelAreSaidOnceEach) {
  EXPECT_EQ(details_of(as_bytes(jpeg(kQuality75, 3, exif_of("NIKON", "D7000", "")))).camera, "NIKON D7000");
  EXPECT_EQ(details_of(as_bytes(jpeg(kQuality75, 3))).camera, "");
}

TEST(Details, QualityAndColours) {
  EXPECT_EQ(details_of(as_bytes(jpeg(kQuality60, 4))).jpeg_quality, 60);
  EXPECT_EQ(details_of(as_bytes(jpeg(kQuality60, 4))).components, 4);
  EXPECT_EQ(details_of(as_bytes(jpeg(std::string(64, '\x01'), 1))).jpeg_quality, 100);
}

TEST(Details, OfAPng) {
  const std::string png = encode_png(Image{5, 2, std::vector<uint8_t>(30)});
  EXPECT_EQ(details_of(as_bytes(png)).width, 5);
  EXPECT_EQ(details_of(as_bytes(png)).height, 2);
  EXPECT_EQ(details_of(as_bytes(png.substr(0, 20))).width, 0);
}

TEST(Details, OfWhatIsNoPicture) {
  EXPECT_FALSE(details_of(as_bytes("text")).format);
  EXPECT_FALSE(details_of({}).format);
}

TEST(Details, EveryPrefixIsSafe) {
  const std::string whole = jpeg(kQuality75, 3, exif_of("Canon", "EOS", "2012:05:14 10:22:31"));
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const std::vector<char> prefix(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));  // on the heap, for asan
    details_of(std::as_bytes(std::span(prefix)));
  }
}

TEST(Details, AnyBytesAreSafe) {
  EXPECT_TRUE(rc::check("no fault", [](const std::vector<uint8_t>& bytes) {
    std::string exif = "II*\0\x08\0\0\0"s, file = "\xff\xd8\xff\xdb"s;
    exif.append(bytes.begin(), bytes.end());
    file.append(bytes.begin(), bytes.end());
    for (const int tag : {0x010f, 0x9003}) tiff_text(as_bytes(exif), static_cast<uint16_t>(tag));
    details_of(as_bytes(jpeg(kQuality75, 3, exif)));
    details_of(as_bytes(file));
  }));
}

}  // namespace
}  // namespace graft::image

#include "graft/image/dicom.h"

#include <gtest/gtest.h>

#include "error_text.h"
#include "graft/image/decode.h"
#include "image/dicom_file.h"
#include "image/fixtures.h"

namespace graft::image {
namespace {

using Values = std::vector<int>;

Image decoded(const DicomFile& file) { return decode(as_bytes(file.bytes()), "x.dcm"); }

std::string error_of(const DicomFile& file, const DecodeOptions& options = {}) {
  return test::error_of([&] { decode(as_bytes(file.bytes()), "x.dcm", options); });
}

/// One of the three equal channels.
Values grey(const DicomFile& file) {
  const Image image = decoded(file);
  Values values;
  for (size_t i = 0; i < image.pixels.size(); i += 3) {
    EXPECT_EQ(image.pixels[i], image.pixels[i + 1]);
    EXPECT_EQ(image.pixels[i], image.pixels[i + 2]);
    values.push_back(image.pixels[i]);
  }
  return values;
}

std::string words(const Values& values) {
  std::string text;
  for (const int value : values) text += little(static_cast<uint64_t>(value), 2);
  return text;
}

const std::string kFour = words({0, 1000, 3000, 4095});

TEST(Dicom, WindowOfTheFile) {
  // PS3.3 C.11.2.1.2: ((x - (c - 0.5)) / (w - 1) + 0.5) * 255; darker is black, brighter white; DCMTK cuts the fraction off
  EXPECT_EQ(grey({.pixels = kFour, .centre = "2048", .window = "4096"}), (Values{0, 62, 186, 255}));
  EXPECT_EQ(grey({.pixels = kFour, .centre = "1000", .window = "1000"}), (Values{0, 127, 255, 255}));
}

TEST(Dicom, WithoutAWindowFromTheDarkestToTheBrightest) { EXPECT_EQ(grey({.pixels = words({100, 200, 300, 355})}), (Values{0, 100, 200, 255})); }

TEST(Dicom, Monochrome1IsTurned) {
  const DicomFile plain{.pixels = kFour, .centre = "2048", .window = "4096"};
  DicomFile turned = plain;
  turned.photometric = "MONOCHROME1";
  EXPECT_EQ(grey(plain), (Values{0, 62, 186, 255}));
  EXPECT_EQ(grey(turned), (Values{255, 192, 68, 0})) << "fractions are cut off from the other end";
}

TEST(Dicom, LookupTableOfTheFile) {
  const std::string table = dicom_field(0x00283002, "US", words({4, 0, 8})) + dicom_field(0x00283006, "OW", words({255, 0, 128, 64}));
  EXPECT_EQ(grey({.pixels = words({0, 1, 2, 3}), .lookup = table}), (Values{255, 0, 128, 64}));
}

TEST(Dicom, ColourIsAsStored) {
  const DicomFile file{.samples = 3, .bits = 8, .photometric = "RGB", .pixels = "abcdefghijkl"};
  const Image image = decoded(file);
  EXPECT_EQ(as_text(std::as_bytes(std::span(image.pixels))), "abcdefghijkl");
}

TEST(Dicom, RunLengths) {
  const std::string header = little(1, 4) + little(64, 4) + std::string(56, '\0');
  const DicomFile file{.bits = 8,
                       .centre = "128",
                       .window = "256",
                       .syntax = "1.2.840.10008.1.2.5",
                       .fragments = {header + std::string("\xfe\x07\x00\x63", 4)}};
  EXPECT_EQ(grey(file), (Values{7, 7, 7, 99}));
}

TEST(Dicom, JpegInside) {
  const auto jpeg = fixture("grey.jpg");
  const DicomFile file{.width = 23,
                       .height = 17,
                       .bits = 8,
                       .centre = "128",
                       .window = "256",
                       .syntax = "1.2.840.10008.1.2.4.50",
                       .fragments = {std::string(as_text(jpeg))}};
  EXPECT_EQ(decoded(file).pixels, decode(jpeg, "grey.jpg").pixels);
}

/// DCMTK would look for it for ever.
TEST(Dicom, JpegInsideWithoutAFrame) {
  for (const std::string& jpeg : {std::string("\xff\xd8\xff\x01US\x02\0\x08\0(\0", 12), std::string("\xff\xd8\xff\xe0\0\0\0\0", 8), std::string("x"),
                                  std::string("\xff\xd8\xff\xe0\0\x04xx\xff\xd9", 10)})
    EXPECT_EQ(error_of({.bits = 8, .syntax = "1.2.840.10008.1.2.4.50", .fragments = {jpeg}}), "data: x.dcm: broken DICOM: its JPEG has no frame");
}

TEST(Dicom, WhatIsRefused) {
  EXPECT_EQ(error_of({.pixels = kFour + kFour, .frames = "2"}),
            "data: x.dcm: DICOM of 2 frames, expected one: save the frames that matter as separate files");
  EXPECT_EQ(error_of({}), "data: x.dcm: DICOM without a picture");
  EXPECT_EQ(error_of({.pixels = kFour}, {.max_pixels = 3}), "data: x.dcm: 2x2 pixels are more than the limit of 3");
  EXPECT_EQ(error_of({.width = 0, .pixels = kFour}), "data: x.dcm: 0x2 pixels, expected at least 1x1");
  EXPECT_EQ(error_of({.samples = 2, .pixels = kFour}), "data: x.dcm: DICOM with 2 samples per pixel, expected 1 or 3");
  EXPECT_TRUE(
      error_of({.bits = 8, .syntax = "1.2.840.10008.1.2.4.90", .fragments = {"\xff\x4f"}})
          .starts_with("data: x.dcm: DICOM whose picture cannot be decoded, expected an uncompressed, RLE or JPEG one (DCMTK says: JPEG 2000"));
}

/// A file may claim four gigabytes for a field, and room for them must not be made.
TEST(Dicom, LengthsThatTheFileDoesNotHave) {
  const std::string whole = DicomFile{.pixels = kFour}.bytes();
  const std::size_t at = whole.rfind(std::string("\xe0\x7f\x10\x00OW\0\0", 8));
  ASSERT_NE(at, std::string::npos);
  for (const std::string& length : {std::string("\xf0\xff\xff\x7f", 4), std::string("\x00\x02\x00\x00", 4)}) {
    std::string broken = whole;
    broken.replace(at + 8, 4, length);
    const std::string error = test::error_of([&] { decode(as_bytes(broken), "x.dcm"); });
    EXPECT_TRUE(error.starts_with("data: x.dcm: broken DICOM: ")) << error;
  }
}

TEST(Dicom, PatientsAreToldApartAndNotNamed) {
  const auto patient = [](const std::string& id) { return patient_of(as_bytes(DicomFile{.pixels = kFour, .patient = id}.bytes()), "x.dcm"); };
  ASSERT_TRUE(patient("Doe 17"));
  EXPECT_EQ(patient("Doe 17"), patient("Doe 17"));
  EXPECT_NE(patient("Doe 17"), patient("Doe 18"));
  EXPECT_EQ(patient("").has_value(), false);
  EXPECT_EQ(patient_of(fixture("grey.jpg"), "x.jpg").has_value(), false);
}

}  // namespace
}  // namespace graft::image

#include "graft/image/exif.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

namespace graft::image {
namespace {

// `size` bytes at `at`, which must be inside.
uint32_t number(Bytes bytes, size_t at, size_t size, bool big_endian) {
  uint32_t value = 0;
  for (size_t i = 0; i < size; ++i) value = value << 8 | static_cast<uint32_t>(bytes[at + (big_endian ? i : size - 1 - i)]);
  return value;
}

bool starts_with(Bytes bytes, std::string_view text) { return as_text(bytes).starts_with(text); }

constexpr std::string_view kExif("Exif\0\0", 6);

// The TIFF structure inside a file, empty when there is none.
Bytes tiff_of_jpeg(Bytes file) {
  constexpr uint32_t kStartOfScan = 0xda, kEndOfImage = 0xd9, kApp1 = 0xe1;
  for (size_t at = 2; at + 4 <= file.size();) {
    if (file[at] != std::byte{0xff}) return {};
    const uint32_t marker = number(file, at + 1, 1, true);
    if (marker == kStartOfScan || marker == kEndOfImage) return {};
    if (marker == 0xff) {  // fill byte
      ++at;
      continue;
    }
    const size_t length = number(file, at + 2, 2, true);  // counts itself
    if (length < 2 || at + 2 + length > file.size()) return {};
    const Bytes segment = file.subspan(at + 4, length - 2);
    if (marker == kApp1 && starts_with(segment, kExif)) return segment.subspan(kExif.size());
    at += 2 + length;
  }
  return {};
}

Bytes tiff_of_png(Bytes file) {
  for (size_t at = 8; at + 12 <= file.size();) {  // length, type, data, checksum
    const size_t length = number(file, at, 4, true);
    if (length > file.size() - at - 12) return {};
    if (starts_with(file.subspan(at + 4), "eXIf")) return file.subspan(at + 8, length);
    at += 12 + length;
  }
  return {};
}

Bytes tiff_of_webp(Bytes file) {
  for (size_t at = 12; at + 8 <= file.size();) {
    const size_t length = number(file, at + 4, 4, false);
    if (length > file.size() - at - 8) return {};
    const Bytes chunk = file.subspan(at + 8, length);
    if (starts_with(file.subspan(at), "EXIF")) return starts_with(chunk, kExif) ? chunk.subspan(kExif.size()) : chunk;
    at += 8 + length + length % 2;
  }
  return {};
}

}  // namespace

int tiff_orientation(Bytes tiff) {
  if (tiff.size() < 8) return 1;
  const bool big = starts_with(tiff, std::string_view("MM\0*", 4));
  if (!big && !starts_with(tiff, std::string_view("II*\0", 4))) return 1;
  const size_t directory = number(tiff, 4, 4, big);
  if (directory > tiff.size() - 2) return 1;
  const size_t entries = number(tiff, directory, 2, big);
  for (size_t i = 0, at = directory + 2; i < entries && at + 12 <= tiff.size(); ++i, at += 12) {  // tag, type, count, value
    if (number(tiff, at, 2, big) != 0x0112) continue;
    constexpr uint32_t kLong = 4;
    const uint32_t value = number(tiff, at + 8, number(tiff, at + 2, 2, big) == kLong ? 4 : 2, big);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

int orientation(Bytes file, Format format) {
  switch (format) {
    case Format::jpeg: return tiff_orientation(tiff_of_jpeg(file));
    case Format::png: return tiff_orientation(tiff_of_png(file));
    case Format::webp: return tiff_orientation(tiff_of_webp(file));
    case Format::bmp: return 1;
  }
  return 1;
}

Image turned(Image image, int orientation) {
  if (orientation <= 1 || orientation > 8) return image;
  // Pixel (x, y) of the result is pixel start + x * right + y * down of the image, all in bytes.
  const bool swap = orientation >= 5;
  const ptrdiff_t width = image.width, height = image.height, pixel = 3, row = 3 * width;
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const ptrdiff_t across = from_right ? -pixel : pixel, along = from_bottom ? -row : row;
  const ptrdiff_t right = swap ? along : across, down = swap ? across : along;
  const uint8_t* start = image.pixels.data() + (from_right ? row - pixel : 0) + (from_bottom ? (height - 1) * row : 0);

  Image result{swap ? image.height : image.width, swap ? image.width : image.height, std::vector<uint8_t>(image.pixels.size())};
  constexpr int kBlock = 16;  // rows of the result at a time, so that a cache line of a column is used while it is there
  for (int top = 0; top < result.height; top += kBlock)
    for (int x = 0; x < result.width; ++x)
      for (int y = top; y < std::min(top + kBlock, result.height); ++y)
        std::memcpy(&result.pixels[3 * (static_cast<size_t>(y) * static_cast<size_t>(result.width) + static_cast<size_t>(x))],
                    start + x * right + y * down, 3);
  return result;
}

}  // namespace graft::image

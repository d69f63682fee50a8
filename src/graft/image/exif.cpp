#include "graft/image/exif.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

#include "graft/image/formats.h"

namespace graft::image {
namespace {

bool starts_with(Bytes bytes, std::string_view text) { return as_text(bytes).starts_with(text); }

/// The value of the first orientation field, or nothing.
std::optional<uint64_t> orientation_field(Bytes tiff) {
  constexpr uint64_t kOrientation = 0x0112, kLong = 4;
  const bool big_endian = starts_with(tiff, "MM");
  const auto number = [&](size_t at, size_t size) { return number_at(tiff, at, size, big_endian); };
  const bool wide = starts_with(tiff, std::string_view("MM\0+", 4)) || starts_with(tiff, std::string_view("II+\0", 4));  // BigTIFF
  if (!wide && !starts_with(tiff, std::string_view("MM\0*", 4)) && !starts_with(tiff, std::string_view("II*\0", 4))) return std::nullopt;
  const size_t offset = wide ? 8 : 4, count = wide ? 8 : 2, entry = wide ? 20 : 12;
  if (tiff.size() < 2 * offset) return std::nullopt;
  const uint64_t directory = number(offset, offset);
  if (directory > tiff.size() || tiff.size() - directory < count) return std::nullopt;
  const uint64_t entries = number(directory, count);
  for (uint64_t i = 0, at = directory + count; i < entries && at + entry <= tiff.size(); ++i, at += entry)  // tag, type, count, value
    if (number(at, 2) == kOrientation) return number(at + entry - offset, number(at + 2, 2) == kLong ? 4 : 2);
  return std::nullopt;
}

/// Of a directory of a TIFF structure: the entry of that tag, 12 bytes; empty where there is none.
Bytes entry_of(Bytes tiff, uint64_t directory, uint64_t tag, bool big_endian) {
  constexpr size_t kEntry = 12;
  if (directory > tiff.size() || tiff.size() - directory < 2) return {};
  const uint64_t entries = number_at(tiff, directory, 2, big_endian);
  for (uint64_t i = 0, at = directory + 2; i < entries && at + kEntry <= tiff.size(); ++i, at += kEntry)
    if (number_at(tiff, at, 2, big_endian) == tag) return tiff.subspan(at, kEntry);
  return {};
}

}  // namespace

uint64_t number_at(Bytes bytes, size_t at, size_t size, bool big_endian) {
  uint64_t value = 0;
  for (size_t i = 0; i < size; ++i) value = value << 8 | static_cast<uint64_t>(bytes[at + (big_endian ? i : size - 1 - i)]);
  return value;
}

int tiff_orientation(Bytes tiff) {
  const uint64_t value = orientation_field(tiff).value_or(1);
  return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
}

std::string tiff_text(Bytes tiff, uint16_t tag) {
  constexpr uint64_t kExifDirectory = 0x8769, kAscii = 2;
  constexpr size_t kMost = 256;
  const bool big_endian = starts_with(tiff, "MM");
  if (tiff.size() < 8 || (!starts_with(tiff, std::string_view("MM\0*", 4)) && !starts_with(tiff, std::string_view("II*\0", 4)))) return {};
  const uint64_t first = number_at(tiff, 4, 4, big_endian);
  Bytes entry = entry_of(tiff, first, tag, big_endian);
  if (entry.empty())
    if (const Bytes exif = entry_of(tiff, first, kExifDirectory, big_endian); !exif.empty())
      entry = entry_of(tiff, number_at(exif, 8, 4, big_endian), tag, big_endian);
  if (entry.empty() || number_at(entry, 2, 2, big_endian) != kAscii) return {};
  const uint64_t length = number_at(entry, 4, 4, big_endian), offset = number_at(entry, 8, 4, big_endian);
  const Bytes from = length <= 4 ? entry.subspan(8) : tiff.subspan(std::min<size_t>(offset, tiff.size()));
  if (length > from.size()) return {};
  const std::string_view text = as_text(from.first(std::min<size_t>(length, kMost)));
  std::string_view word = text.substr(0, text.find('\0'));
  while (word.ends_with(' ')) word.remove_suffix(1);
  return std::string(word);
}

int orientation_of(const Metadata& found) {
  if (orientation_field(found.exif)) return tiff_orientation(found.exif);
  constexpr std::string_view kField = "tiff:Orientation";
  const std::string_view xmp = as_text(found.xmp);
  for (size_t at = xmp.find(kField); at != xmp.npos; at = xmp.find(kField, at + 1)) {
    std::string_view rest = xmp.substr(at + kField.size());
    if (rest.starts_with("=\"")) rest.remove_prefix(2);
    else if (rest.starts_with('>')) rest.remove_prefix(1);
    else continue;
    if (!rest.empty() && rest[0] >= '0' && rest[0] <= '9') return rest[0] >= '1' && rest[0] <= '8' ? rest[0] - '0' : 1;
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

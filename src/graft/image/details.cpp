#include "graft/image/details.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <string_view>

#include "graft/base/text.h"
#include "graft/image/exif.h"
#include "graft/image/format_table.h"
#include "graft/image/formats.h"

namespace graft::image {
namespace {

constexpr std::size_t kTable = 64;

/// The table of brightness of the JPEG standard (ITU T.81, table K.1), in zigzag order.
constexpr std::array<int, kTable> kLuminance = {16, 11,  12, 14, 12, 10, 16,  14,  13,  14, 18, 17,  16,  19,  24,  40,  26, 24,  22,  22, 24, 49,
                                                35, 37,  29, 40, 58, 51, 61,  60,  57,  51, 56, 55,  64,  72,  92,  78,  64, 68,  87,  69, 55, 56,
                                                80, 109, 81, 87, 95, 98, 103, 104, 103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99};

/// libjpeg's jpeg_quality_scaling() and jpeg_add_quant_table().
int scaled(int value, int quality) {
  const int percent = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  return std::clamp((value * percent + 50) / 100, 1, 255);
}

int quality_of(std::span<const int, kTable> table) {
  int best = 0, least = std::numeric_limits<int>::max();
  for (int quality = 1; quality <= 100; ++quality) {
    int difference = 0;
    for (std::size_t i = 0; i < kTable; ++i) difference += std::abs(scaled(kLuminance[i], quality) - table[i]);
    if (difference <= least) least = difference, best = quality;
  }
  return best;
}

/// Of the table 0 in a DQT segment, which may hold several.
int quality_in(Bytes segment) {
  for (std::size_t at = 0; at < segment.size();) {
    const uint64_t head = number_at(segment, at++, 1, true);
    const std::size_t size = head >> 4U == 0 ? 1 : 2;
    if (segment.size() - at < size * kTable) return 0;
    if ((head & 0xfU) == 0) {
      std::array<int, kTable> table;
      for (std::size_t i = 0; i < kTable; ++i) table[i] = static_cast<int>(number_at(segment, at + i * size, size, true));
      return quality_of(table);
    }
    at += size * kTable;
  }
  return 0;
}

void look_into_jpeg(Bytes file, Details& details) {
  constexpr int kQuantisation = 0xdb;
  for (const auto& [marker, segment] : jpeg_segments(file)) {
    if (marker == kQuantisation && details.jpeg_quality == 0) details.jpeg_quality = quality_in(segment);
    const bool frame = marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    if (!frame || segment.size() < 6) continue;
    details.height = static_cast<int>(number_at(segment, 1, 2, true));
    details.width = static_cast<int>(number_at(segment, 3, 2, true));
    details.components = static_cast<int>(number_at(segment, 5, 1, true));
  }
}

void look_into_png(Bytes file, Details& details) {
  constexpr std::size_t kWidth = 16, kEnd = 24;  // behind the signature and the head of IHDR
  constexpr uint64_t kMost = 1U << 30U;
  if (file.size() < kEnd || number_at(file, kWidth, 4, true) > kMost || number_at(file, kWidth + 4, 4, true) > kMost) return;
  details.width = static_cast<int>(number_at(file, kWidth, 4, true));
  details.height = static_cast<int>(number_at(file, kWidth + 4, 4, true));
}

Bytes exif_of(Bytes file, Format format) {
  if (format == Format::jpeg) return jpeg_metadata(file).exif;
  if (format == Format::webp) return webp_metadata(file).exif;
  return format == Format::tiff ? file : Bytes();
}

}  // namespace

Details details_of(Bytes file) {
  constexpr uint16_t kMake = 0x010f, kModel = 0x0110, kDateTime = 0x0132, kDateTimeOriginal = 0x9003;
  Details details;
  const FormatRow* row = row_of(file);
  if (row == nullptr) return details;
  details.format = row->format;
  if (row->orientation != nullptr) details.orientation = row->orientation(file);
  if (row->format == Format::jpeg) look_into_jpeg(file, details);
  if (row->format == Format::png) look_into_png(file, details);
  const Bytes exif = exif_of(file, row->format);
  const std::string make = tiff_text(exif, kMake), model = tiff_text(exif, kModel);
  details.camera = printable(model.starts_with(make) ? model : std::string(trim(make + " " + model)));
  details.taken = printable(tiff_text(exif, kDateTimeOriginal));
  if (details.taken.empty()) details.taken = printable(tiff_text(exif, kDateTime));
  return details;
}

}  // namespace graft::image

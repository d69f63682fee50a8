// BMP by hand: the format of Windows 2 to 5 and OS/2 1 (BITMAPCOREHEADER to BITMAPV5HEADER), without embedded JPEG and PNG.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "graft/image/formats.h"

namespace graft::image {
namespace {

enum Compression : uint32_t { kPlain = 0, kRle8 = 1, kRle4 = 2, kMasks = 3, kMasksWithAlpha = 6 };

using Color = std::array<uint8_t, 3>;

struct Header {
  int64_t width = 0, height = 0;
  bool top_down = false;
  unsigned bits = 0;  // of a pixel
  uint32_t compression = kPlain;
  size_t rows_at = 0;
  std::array<Color, 256> palette{};  // RGB; black where the file has less
  std::array<uint32_t, 4> masks{};   // red, green, blue, alpha (0: none)
  Background background = Background::none;
};

// Little endian; bytes behind the end of the file are an Error.
uint32_t number(const Source& source, size_t at, size_t size) {
  if (at + size > source.bytes.size()) fail(source, "truncated BMP (ends in its header)");
  uint32_t value = 0;
  for (size_t i = size; i-- > 0;) value = value << 8 | source.data()[at + i];
  return value;
}

void read_palette(const Source& source, Header& header, size_t at, size_t entry, size_t colors) {
  colors = std::min({colors, size_t{1} << header.bits, at < header.rows_at ? (header.rows_at - at) / entry : 0});
  for (size_t i = 0; i < colors; ++i)
    for (size_t c = 0; c < 3; ++c) header.palette[i][c] = static_cast<uint8_t>(number(source, at + i * entry + 2 - c, 1));
}

Header read_header(const Source& source) {
  constexpr size_t kCore = 12;  // the size of the oldest header; the later ones have more fields and wider ones
  Header header;
  header.rows_at = number(source, 10, 4);
  const size_t size = number(source, 14, 4);
  const bool core = size == kCore;
  header.width = core ? int64_t{number(source, 18, 2)} : static_cast<int32_t>(number(source, 18, 4));
  header.height = core ? int64_t{number(source, 20, 2)} : static_cast<int32_t>(number(source, 22, 4));
  header.top_down = header.height < 0;
  header.height = header.top_down ? -header.height : header.height;
  header.bits = number(source, core ? 24 : 28, 2);
  header.compression = core ? uint32_t{kPlain} : number(source, 30, 4);

  const bool indexed = header.bits == 1 || header.bits == 4 || header.bits == 8, direct = header.bits == 16 || header.bits == 24 || header.bits == 32;
  const bool masked = header.compression == kMasks || header.compression == kMasksWithAlpha;
  const bool known = (header.compression == kPlain && (indexed || direct)) || (header.compression == kRle8 && header.bits == 8) ||
                     (header.compression == kRle4 && header.bits == 4) || (masked && direct && header.bits != 24);
  if (!known) fail(source, fmt::format("BMP with {} bits per pixel and compression {}, which is not supported", header.bits, header.compression));
  if (masked) {
    const bool alpha = size > 52 || header.compression == kMasksWithAlpha;
    for (size_t c = 0; c < (alpha ? 4 : 3); ++c) header.masks[c] = number(source, 54 + 4 * c, 4);
    if (header.masks[0] == 0 && header.masks[1] == 0 && header.masks[2] == 0) fail(source, "BMP without colors (its masks are empty)");
  } else if (header.bits == 16) {
    header.masks = {0x7c00, 0x03e0, 0x001f, 0};
  } else if (indexed) {
    const size_t colors = core ? 0 : number(source, 46, 4);
    read_palette(source, header, 14 + size, core ? 3 : 4, colors == 0 ? 256 : colors);
  }
  return header;
}

// The bits under a mask, scaled to 0..255, rounded down as Pillow does.
uint8_t masked_value(uint32_t pixel, uint32_t mask) {
  if (mask == 0) return 0;
  const int shift = std::countr_zero(mask);
  return static_cast<uint8_t>(uint64_t{(pixel & mask) >> shift} * 255 / (mask >> shift));
}

uint32_t pixel_at(const unsigned char* row, size_t bytes) {
  uint32_t pixel = 0;
  for (size_t i = bytes; i-- > 0;) pixel = pixel << 8 | row[i];
  return pixel;
}

void read_masked(const Header& header, const unsigned char* row, uint8_t* rgb) {
  const size_t bytes = header.bits / 8;
  for (int64_t x = 0; x < header.width; ++x, row += bytes, rgb += 3) {
    const uint32_t pixel = pixel_at(row, bytes);
    const unsigned alpha = header.masks[3] == 0 ? 255 : masked_value(pixel, header.masks[3]);
    for (size_t c = 0; c < 3; ++c) rgb[c] = before(header.background, masked_value(pixel, header.masks[c]), alpha);
  }
}

/// The lowest and highest alpha. rows: as many as the picture is high.
std::pair<unsigned, unsigned> alpha_range(const Header& header, const unsigned char* rows, size_t stride) {
  const size_t bytes = header.bits / 8;
  unsigned lowest = 255, highest = 0;
  for (int64_t y = 0; y < header.height; ++y, rows += stride)
    for (int64_t x = 0; x < header.width; ++x) {
      const unsigned alpha = masked_value(pixel_at(rows + static_cast<size_t>(x) * bytes, bytes), header.masks[3]);
      lowest = std::min(lowest, alpha);
      highest = std::max(highest, alpha);
    }
  return {lowest, highest};
}

/// Programs that know nothing of alpha leave it 0 throughout: that is a photo, as Windows and browsers show it, and not an empty picture.
void judge_alpha(const Source& source, Header& header, size_t stride) {
  header.background = source.options.background;
  if (header.masks[3] == 0 || (header.background == Background::none && source.options.traits == nullptr)) return;
  const auto [lowest, highest] = alpha_range(header, source.data() + header.rows_at, stride);
  if (highest == 0) header.background = Background::none;
  else note_transparency(source, lowest < 255);
}

void read_indexed(const Header& header, const unsigned char* row, uint8_t* rgb) {
  const unsigned per_byte = 8 / header.bits, mask = (1u << header.bits) - 1;
  for (size_t x = 0; x < static_cast<size_t>(header.width); ++x) {
    const unsigned shift = header.bits * (per_byte - 1 - static_cast<unsigned>(x % per_byte));  // the leftmost pixel is in the highest bits
    std::memcpy(rgb + 3 * x, header.palette[(row[x / per_byte] >> shift) & mask].data(), 3);
  }
}

void read_direct(const Header& header, const unsigned char* row, uint8_t* rgb) {
  const size_t bytes = header.bits / 8;
  for (int64_t x = 0; x < header.width; ++x, row += bytes, rgb += 3)
    for (size_t c = 0; c < 3; ++c) rgb[c] = row[2 - c];
}

[[noreturn]] void fail_truncated(const Source& source, int64_t rows, int64_t height) {
  fail(source, fmt::format("truncated BMP ({} of {} rows are readable)", rows, height));
}

// Colours by runs of an index, or runs of literal indices, with jumps; what is jumped over has index 0. Rows come in file order.
void read_runs(const Source& source, const Header& header, Image& image) {
  const Bytes bytes = source.bytes;
  const bool nibbles = header.bits == 4;
  int64_t x = 0, y = 0;
  const auto put = [&](unsigned index) {
    if (x < header.width && y < header.height) {
      const int64_t row = header.top_down ? y : header.height - 1 - y;
      std::memcpy(&image.pixels[static_cast<size_t>(3 * (row * header.width + x))], header.palette[index].data(), 3);
    }
    ++x;
  };
  const auto index_of = [&](unsigned byte, unsigned i) { return !nibbles ? byte : i % 2 == 0 ? byte >> 4 : byte & 15u; };

  for (size_t i = 0; i < image.pixels.size(); i += 3) std::memcpy(&image.pixels[i], header.palette[0].data(), 3);
  size_t at = header.rows_at;
  const auto next = [&] {
    if (at >= bytes.size()) fail_truncated(source, std::min(y, header.height), header.height);
    return static_cast<unsigned>(bytes[at++]);
  };
  while (y < header.height) {
    const unsigned count = next(), value = next();
    if (count > 0) {
      for (unsigned i = 0; i < count; ++i) put(index_of(value, i));
    } else if (value == 0) {  // end of row
      x = 0;
      ++y;
    } else if (value == 1) {  // end of image
      return;
    } else if (value == 2) {  // jump
      x += next();
      y += next();
    } else {
      unsigned byte = 0;
      for (unsigned i = 0; i < value; ++i) {
        if (!nibbles || i % 2 == 0) byte = next();
        put(index_of(byte, i));
      }
      const unsigned used = nibbles ? (value + 1) / 2 : value;
      if (used % 2 == 1) next();
    }
  }
}

}  // namespace

Image decode_bmp(const Source& source) {
  Header header = read_header(source);
  Image image = sized_image(source, header.width, header.height);
  if (header.compression == kRle8 || header.compression == kRle4) {
    read_runs(source, header, image);
    return image;
  }
  const int64_t row_bits = header.width * header.bits, stride = (row_bits + 31) / 32 * 4, used = (row_bits + 7) / 8;
  const int64_t available = std::max<int64_t>(static_cast<int64_t>(source.bytes.size()) - static_cast<int64_t>(header.rows_at), 0);
  const int64_t rows = available < used ? 0 : (available - used) / stride + 1;  // the padding of the last row may be missing
  if (rows < header.height) fail_truncated(source, rows, header.height);
  judge_alpha(source, header, static_cast<size_t>(stride));
  const auto read_row = header.masks[0] != 0 || header.masks[1] != 0 || header.masks[2] != 0 ? read_masked
                        : header.bits <= 8                                                   ? read_indexed
                                                                                             : read_direct;
  for (int64_t y = 0; y < header.height; ++y)
    read_row(header, source.data() + header.rows_at + static_cast<size_t>(y * stride),
             image.pixels.data() + 3 * (header.top_down ? y : header.height - 1 - y) * header.width);
  return image;
}

}  // namespace graft::image

#include "graft/image/decode.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/image/exif.h"
#include "graft/image/format_table.h"
#include "graft/image/formats.h"

namespace graft::image {
namespace {

bool of_one_colour(const Image& image) {
  for (size_t i = 3; i < image.pixels.size(); i += 3)
    if (std::memcmp(&image.pixels[i], image.pixels.data(), 3) != 0) return false;
  return true;
}

}  // namespace

void fail(const Source& source, std::string fact) { throw data_error(source.name, std::move(fact)); }

void check_size(const Source& source, int64_t width, int64_t height) {
  if (width <= 0 || height <= 0) fail(source, fmt::format("{}x{} pixels, expected at least 1x1", width, height));
  if (width > source.options.max_pixels / height)
    fail(source, fmt::format("{}x{} pixels are more than the limit of {}", width, height, with_commas(source.options.max_pixels)));
}

Image sized_image(const Source& source, int64_t width, int64_t height) {
  check_size(source, width, height);
  return {static_cast<int>(width), static_cast<int>(height), std::vector<uint8_t>(static_cast<size_t>(3 * width * height))};
}

void put_rgba(const Source& source, const uint8_t* rgba, Image& image) {
  uint8_t lowest = 255;
  for (size_t i = 0; i < image.pixels.size(); i += 3, rgba += 4) {
    lowest = std::min(lowest, rgba[3]);
    for (size_t c = 0; c < 3; ++c) image.pixels[i + c] = before(source.options.background, rgba[c], rgba[3]);
  }
  note_transparency(source, lowest < 255);
}

void note_transparency(const Source& source, bool transparent) {
  if (source.options.traits != nullptr && transparent) source.options.traits->transparent = true;
}

std::optional<Format> sniff(Bytes bytes) {
  const FormatRow* row = row_of(bytes);
  return row == nullptr ? std::nullopt : std::optional(row->format);
}

Image decode(Bytes bytes, std::string_view name, const DecodeOptions& options) {
  const Source source{bytes, printable(name), options};
  if (bytes.empty()) fail(source, "empty file");
  const FormatRow* row = row_of(bytes);
  if (row == nullptr) {
    std::string start;
    for (const std::byte b : bytes.first(std::min<size_t>(bytes.size(), 4))) start += fmt::format(" {:02x}", static_cast<unsigned>(b));
    fail(source, fmt::format("not a {} (starts with{})", format_names(), start));
  }
  Image image = row->decode(source);
  if (options.traits != nullptr && options.traits->transparent) options.traits->only_in_alpha = of_one_colour(image);
  return options.exif && row->orientation != nullptr ? turned(std::move(image), row->orientation(bytes)) : image;
}

}  // namespace graft::image

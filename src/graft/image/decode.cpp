#include "graft/image/decode.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/image/exif.h"
#include "graft/image/formats.h"

namespace graft::image {

void fail(const Source& source, std::string fact) { throw data_error(source.name, std::move(fact)); }

void check_size(const Source& source, int64_t width, int64_t height) {
  if (width <= 0 || height <= 0) fail(source, fmt::format("{}x{} pixels, expected at least 1x1", width, height));
  if (width > source.max_pixels / height)
    fail(source, fmt::format("{}x{} pixels are more than the limit of {}", width, height, with_commas(source.max_pixels)));
}

Image sized_image(const Source& source, int64_t width, int64_t height) {
  check_size(source, width, height);
  return {static_cast<int>(width), static_cast<int>(height), std::vector<uint8_t>(static_cast<size_t>(3 * width * height))};
}

void blend_on_white(const uint8_t* rgba, Image& image) {
  for (size_t i = 0; i < image.pixels.size(); i += 3, rgba += 4)
    for (size_t c = 0; c < 3; ++c) image.pixels[i + c] = on_white(rgba[c], rgba[3]);
}

std::optional<Format> sniff(Bytes bytes) {
  const std::string_view text = as_text(bytes);
  if (text.starts_with("\xff\xd8\xff")) return Format::jpeg;
  if (text.starts_with("\x89PNG\r\n\x1a\n")) return Format::png;
  if (text.starts_with("RIFF") && text.substr(0, 12).ends_with("WEBP")) return Format::webp;
  // "BM" begins many a text; the size of the second header is one of a few.
  constexpr std::string_view kHeaderSizes("\x0c\x28\x34\x38\x40\x6c\x7c");
  if (text.starts_with("BM") &&
      (text.size() < 18 || (kHeaderSizes.find(text[14]) != kHeaderSizes.npos && text.substr(15, 3) == std::string_view("\0\0\0", 3))))
    return Format::bmp;
  return std::nullopt;
}

Image decode(Bytes bytes, std::string_view name, const DecodeOptions& options) {
  const Source source{bytes, printable(name), options.max_pixels, options.enough};
  if (bytes.empty()) fail(source, "empty file");
  const std::optional<Format> format = sniff(bytes);
  if (!format) {
    std::string start;
    for (const std::byte b : bytes.first(std::min<size_t>(bytes.size(), 4))) start += fmt::format(" {:02x}", static_cast<unsigned>(b));
    fail(source, fmt::format("not a JPEG, PNG, WebP or BMP (starts with{})", start));
  }
  Image image;
  switch (*format) {
    case Format::jpeg: image = decode_jpeg(source); break;
    case Format::png: image = decode_png(source); break;
    case Format::webp: image = decode_webp(source); break;
    case Format::bmp: image = decode_bmp(source); break;
  }
  return options.exif ? turned(std::move(image), orientation(bytes, *format)) : image;
}

}  // namespace graft::image

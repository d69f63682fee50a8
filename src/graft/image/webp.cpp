// WebP by libwebp, lossy and lossless, still images.
#include <fmt/format.h>
#include <webp/decode.h>

#include <memory>
#include <string_view>

#include "graft/image/formats.h"

namespace graft::image {
namespace {

// libwebp has codes but no texts.
std::string_view reason(VP8StatusCode status) {
  switch (status) {
    case VP8_STATUS_OUT_OF_MEMORY: return "out of memory";
    case VP8_STATUS_UNSUPPORTED_FEATURE: return "unsupported feature";
    case VP8_STATUS_BITSTREAM_ERROR: return "bitstream error";
    default: return "invalid data";
  }
}

void check(const Source& source, VP8StatusCode status) {
  if (status == VP8_STATUS_OK) return;
  if (status == VP8_STATUS_NOT_ENOUGH_DATA || status == VP8_STATUS_SUSPENDED) fail(source, "truncated WebP");
  fail(source, fmt::format("broken WebP: {}", reason(status)));
}

}  // namespace

Image decode_webp(const Source& source) {
  WebPDecoderConfig config;
  if (!WebPInitDecoderConfig(&config)) fail(source, "WebP cannot be read: libwebp is of another version than its headers");
  check(source, WebPGetFeatures(source.data(), source.bytes.size(), &config.input));
  if (config.input.has_animation) fail(source, "animated WebP, expected a still image");
  Image image = sized_image(source, config.input.width, config.input.height);

  const bool alpha = config.input.has_alpha != 0 && (source.options.background != Background::none || source.options.traits != nullptr);
  const size_t channels = alpha ? 4 : 3, size = image.pixels.size() / 3 * channels;
  const auto rgba = alpha ? std::make_unique<uint8_t[]>(size) : nullptr;
  config.output.colorspace = alpha ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = alpha ? rgba.get() : image.pixels.data();
  config.output.u.RGBA.stride = static_cast<int>(channels) * image.width;
  config.output.u.RGBA.size = size;
  check(source, WebPDecode(source.data(), source.bytes.size(), &config));
  if (alpha) put_rgba(source, rgba.get(), image);
  return image;
}

}  // namespace graft::image

// PNG by libspng: bounds-checked, no setjmp, 8-bit output of any kind of PNG.
#include <fmt/format.h>
#include <spng.h>

#include <cstring>
#include <memory>
#include <new>

#include "graft/image/formats.h"

namespace graft::image {
namespace {

struct FreeContext {
  void operator()(spng_ctx* context) const { spng_ctx_free(context); }
};

void check(const Source& source, int error) {
  if (error == SPNG_OK) return;
  if (error == SPNG_IO_EOF) fail(source, "truncated PNG");
  fail(source, fmt::format("broken PNG: {}", spng_strerror(error)));
}

// Only what decides the pixels is kept; a comment or colour profile as large as this is of no use to us.
constexpr size_t kMostChunkBytes = size_t{64} << 20;

/// Four samples of 16 bits a pixel to 8 bits, in place. Alpha always has all of its bits.
void narrow(const Source& source, uint8_t* rgba, size_t values) {
  Narrowing narrowed(source);
  for (size_t i = 0; i < values; ++i) {
    uint16_t sample = 0;
    std::memcpy(&sample, rgba + 2 * i, 2);
    rgba[i] = i % 4 == 3 ? static_cast<uint8_t>(sample >> 8) : narrowed(sample);
  }
}

}  // namespace

Image decode_png(const Source& source) {
  const std::unique_ptr<spng_ctx, FreeContext> context(spng_ctx_new(0));
  if (!context) throw std::bad_alloc();
  check(source, spng_set_chunk_limits(context.get(), kMostChunkBytes, kMostChunkBytes));
  check(source, spng_set_png_buffer(context.get(), source.bytes.data(), source.bytes.size()));
  spng_ihdr header{};
  check(source, spng_get_ihdr(context.get(), &header));
  Image image = sized_image(source, header.width, header.height);

  spng_trns transparency{};
  const int found = spng_get_trns(context.get(), &transparency);
  if (found != SPNG_OK && found != SPNG_ECHUNKAVAIL) check(source, found);
  const bool alpha = found == SPNG_OK || header.color_type == SPNG_COLOR_TYPE_GRAYSCALE_ALPHA || header.color_type == SPNG_COLOR_TYPE_TRUECOLOR_ALPHA;
  const bool look = source.options.traits != nullptr, deep = header.bit_depth == 16 && (look || source.options.depth < 16);
  if (!deep && (!alpha || (!look && source.options.background == Background::none))) {
    check(source, spng_decode_image(context.get(), image.pixels.data(), image.pixels.size(), SPNG_FMT_RGB8, 0));
    return image;
  }
  const size_t values = image.pixels.size() / 3 * 4;
  const auto rgba = std::make_unique<uint8_t[]>(deep ? 2 * values : values);
  check(source, spng_decode_image(context.get(), rgba.get(), deep ? 2 * values : values, deep ? SPNG_FMT_RGBA16 : SPNG_FMT_RGBA8, SPNG_DECODE_TRNS));
  if (deep) narrow(source, rgba.get(), values);
  put_rgba(source, rgba.get(), image);
  return image;
}

}  // namespace graft::image

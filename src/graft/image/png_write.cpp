#include <fmt/format.h>
#include <spng.h>

#include <cstdlib>
#include <memory>
#include <new>
#include <stdexcept>

#include "graft/image/png.h"

namespace graft::image {
namespace {

struct FreeEncoder {
  void operator()(spng_ctx* context) const { spng_ctx_free(context); }
};
struct FreeBuffer {
  void operator()(void* buffer) const { std::free(buffer); }
};

void check(int error) {
  if (error == SPNG_EMEM) throw std::bad_alloc();
  if (error != SPNG_OK) throw std::invalid_argument(fmt::format("cannot write a PNG: {}", spng_strerror(error)));
}

}  // namespace

std::string encode_png(std::span<const uint8_t> pixels, int width, int height, int channels) {
  const bool sizes = width > 0 && height > 0 && (channels == 1 || channels == 3);
  if (!sizes || pixels.size() != static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * static_cast<std::size_t>(channels))
    throw std::invalid_argument("cannot write a PNG: its size is not that of its pixels");
  const std::unique_ptr<spng_ctx, FreeEncoder> context(spng_ctx_new(SPNG_CTX_ENCODER));
  if (!context) throw std::bad_alloc();
  spng_ihdr header{};
  header.width = static_cast<uint32_t>(width);
  header.height = static_cast<uint32_t>(height);
  header.bit_depth = 8;
  header.color_type = channels == 1 ? SPNG_COLOR_TYPE_GRAYSCALE : SPNG_COLOR_TYPE_TRUECOLOR;
  check(spng_set_option(context.get(), SPNG_ENCODE_TO_BUFFER, 1));
  check(spng_set_option(context.get(), SPNG_IMG_COMPRESSION_LEVEL, 1));
  check(spng_set_option(context.get(), SPNG_FILTER_CHOICE, SPNG_FILTER_CHOICE_SUB | SPNG_FILTER_CHOICE_UP));
  check(spng_set_ihdr(context.get(), &header));
  check(spng_encode_image(context.get(), pixels.data(), pixels.size(), SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE));
  std::size_t size = 0;
  int error = SPNG_OK;
  const std::unique_ptr<void, FreeBuffer> buffer(spng_get_png_buffer(context.get(), &size, &error));
  check(error);
  return {static_cast<const char*>(buffer.get()), size};
}

}  // namespace graft::image

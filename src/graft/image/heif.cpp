// HEIC and AVIF by libheif: the primary image, turned as the file says.
#include <fmt/format.h>
#include <libheif/heif.h>

#include <cstring>
#include <string>

#include "graft/base/text.h"
#include "graft/image/formats.h"
#include "graft/image/library.h"

namespace graft::image {
namespace {

struct Heif {
  decltype(&::heif_context_alloc) new_context;
  decltype(&::heif_context_free) free_context;
  decltype(&::heif_context_set_maximum_image_size_limit) set_limit;
  decltype(&::heif_context_set_max_decoding_threads) set_threads;
  decltype(&::heif_context_read_from_memory_without_copy) read;
  decltype(&::heif_context_get_primary_image_handle) primary;
  decltype(&::heif_image_handle_release) free_handle;
  decltype(&::heif_image_handle_get_width) width;
  decltype(&::heif_image_handle_get_height) height;
  decltype(&::heif_image_handle_get_ispe_width) coded_width;
  decltype(&::heif_image_handle_get_ispe_height) coded_height;
  decltype(&::heif_image_handle_has_alpha_channel) has_alpha;
  decltype(&::heif_decoding_options_alloc) new_options;
  decltype(&::heif_decoding_options_free) free_options;
  decltype(&::heif_decode_image) decode;
  decltype(&::heif_image_release) free_image;
  decltype(&::heif_image_get_primary_width) image_width;
  decltype(&::heif_image_get_primary_height) image_height;
  decltype(&::heif_image_get_plane_readonly) plane;

  explicit Heif(const Source& source) {
    const Library library(source, "libheif.so.1", "HEIC or AVIF", "libheif1");
    library.find("heif_context_alloc", new_context);
    library.find("heif_context_free", free_context);
    library.find("heif_context_set_maximum_image_size_limit", set_limit);
    library.find("heif_context_set_max_decoding_threads", set_threads);
    library.find("heif_context_read_from_memory_without_copy", read);
    library.find("heif_context_get_primary_image_handle", primary);
    library.find("heif_image_handle_release", free_handle);
    library.find("heif_image_handle_get_width", width);
    library.find("heif_image_handle_get_height", height);
    library.find("heif_image_handle_get_ispe_width", coded_width);
    library.find("heif_image_handle_get_ispe_height", coded_height);
    library.find("heif_image_handle_has_alpha_channel", has_alpha);
    library.find("heif_decoding_options_alloc", new_options);
    library.find("heif_decoding_options_free", free_options);
    library.find("heif_decode_image", decode);
    library.find("heif_image_release", free_image);
    library.find("heif_image_get_primary_width", image_width);
    library.find("heif_image_get_primary_height", image_height);
    library.find("heif_image_get_plane_readonly", plane);
  }
};

const Heif& heif(const Source& source) {
  static const Heif loaded(source);
  return loaded;
}

struct Reader {
  const Source& source;
  const Heif& library;
  heif_context* context = nullptr;
  heif_image_handle* handle = nullptr;
  heif_image* image = nullptr;
  heif_decoding_options* options = nullptr;

  explicit Reader(const Source& s) : source(s), library(heif(s)), context(library.new_context()), options(library.new_options()) {}
  ~Reader() {
    if (image != nullptr) library.free_image(image);
    if (handle != nullptr) library.free_handle(handle);
    library.free_options(options);
    library.free_context(context);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  void check(const heif_error& error) const {
    if (error.code == heif_error_Ok) return;
    if (error.code == heif_error_Unsupported_filetype || error.code == heif_error_Unsupported_feature ||
        error.code == heif_error_Decoder_plugin_error)
      fail(source, fmt::format("HEIC or AVIF that libheif cannot decode: {}", trim(error.message)));
    if (error.subcode == heif_suberror_Security_limit_exceeded)
      fail(source, fmt::format("HEIC or AVIF of more pixels than the limit of {}", source.options.max_pixels));
    fail(source, fmt::format("broken HEIC or AVIF: {}", trim(error.message)));
  }
};

/// libheif's limit is that of a side; a picture of the limit's pixels is rarely longer than this.
int longest_side(int64_t max_pixels) {
  int side = 1;
  while (int64_t{side} * side / 4 < max_pixels && side < (1 << 16)) side *= 2;
  return side;
}

}  // namespace

Image decode_heif(const Source& source) {
  Reader r(source);
  const Heif& h = r.library;
  h.set_limit(r.context, longest_side(source.options.max_pixels));
  h.set_threads(r.context, 1);  // photos are decoded beside each other
  r.check(h.read(r.context, source.data(), source.bytes.size(), nullptr));
  r.check(h.primary(r.context, &r.handle));
  check_size(source, h.coded_width(r.handle), h.coded_height(r.handle));
  check_size(source, h.width(r.handle), h.height(r.handle));
  const bool alpha = h.has_alpha(r.handle) != 0;
  r.options->ignore_transformations = source.options.exif ? 0 : 1;
  r.options->convert_hdr_to_8bit = 1;
  r.check(h.decode(r.handle, &r.image, heif_colorspace_RGB, alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB, r.options));
  Image image = sized_image(source, h.image_width(r.image), h.image_height(r.image));
  int stride = 0;
  const uint8_t* rows = h.plane(r.image, heif_channel_interleaved, &stride);
  const size_t channels = alpha ? 4 : 3, width = static_cast<size_t>(image.width);
  if (rows == nullptr || static_cast<size_t>(stride) < channels * width) fail(source, "broken HEIC or AVIF: no pixels");
  bool transparent = false;
  for (size_t y = 0; y < static_cast<size_t>(image.height); ++y, rows += stride) {
    uint8_t* to = &image.pixels[3 * y * width];
    if (!alpha) std::memcpy(to, rows, 3 * width);
    for (size_t x = 0; alpha && x < width; ++x) {
      transparent = transparent || rows[4 * x + 3] < 255;
      for (size_t c = 0; c < 3; ++c) to[3 * x + c] = before(source.options.background, rows[4 * x + c], rows[4 * x + 3]);
    }
  }
  note_transparency(source, transparent);
  return image;
}

}  // namespace graft::image

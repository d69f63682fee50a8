#include "graft/image/jpeg_write.h"

#include <csetjmp>
#include <cstdio>  // before jpeglib.h, which uses FILE
#include <cstdlib>
#include <memory>
#include <new>
#include <stdexcept>

#include <jpeglib.h>

namespace graft::image {
namespace {

struct Failure {
  jpeg_error_mgr errors{};
  std::jmp_buf back{};
};

// Of a picture that is small enough, only memory can fail.
void on_failure(j_common_ptr info) { std::longjmp(static_cast<Failure*>(info->client_data)->back, 1); }

/// Holds no C++ object with a destructor, for the errors of libjpeg come back by longjmp. `buffer` is to be freed by the caller.
bool compress(const uint8_t* pixels, JDIMENSION width, JDIMENSION height, int quality, unsigned char** buffer, unsigned long* size) {
  jpeg_compress_struct info{};
  Failure failure;
  info.err = jpeg_std_error(&failure.errors);
  info.client_data = &failure;
  failure.errors.error_exit = on_failure;
  if (setjmp(failure.back)) {
    jpeg_destroy_compress(&info);
    return false;
  }
  jpeg_create_compress(&info);
  jpeg_mem_dest(&info, buffer, size);
  info.image_width = width;
  info.image_height = height;
  info.input_components = 3;
  info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, quality, TRUE);
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < height) {
    JSAMPROW row = const_cast<JSAMPROW>(pixels) + 3UL * width * info.next_scanline;  // is only read
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  return true;
}

struct FreeBytes {
  void operator()(unsigned char* bytes) const { std::free(bytes); }
};

}  // namespace

std::string encode_jpeg(const Image& image, int quality) {
  const bool sizes = image.width > 0 && image.height > 0 && image.width <= JPEG_MAX_DIMENSION && image.height <= JPEG_MAX_DIMENSION;
  if (!sizes || image.pixels.size() != 3 * static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height))
    throw std::invalid_argument("cannot write a JPEG: its size is not that of its pixels");
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  const bool done =
      compress(image.pixels.data(), static_cast<JDIMENSION>(image.width), static_cast<JDIMENSION>(image.height), quality, &buffer, &size);
  const std::unique_ptr<unsigned char, FreeBytes> owner(buffer);
  if (!done) throw std::bad_alloc();
  return {reinterpret_cast<const char*>(buffer), size};
}

}  // namespace graft::image

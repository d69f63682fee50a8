// The decoders behind decode(), one a file, and what they share. Not for other layers.
#pragma once

#include <cstdint>
#include <string>

#include "graft/base/files.h"
#include "graft/image/image.h"

namespace graft::image {

struct Source {
  Bytes bytes;
  std::string name;  // printable
  int64_t max_pixels;
  int enough;

  const unsigned char* data() const { return reinterpret_cast<const unsigned char*>(bytes.data()); }
};

[[noreturn]] void fail(const Source& source, std::string fact);

/// Error when an image of this size has no pixels or more than the limit.
void check_size(const Source& source, int64_t width, int64_t height);

/// An Image of this size after check_size(), its pixels unspecified.
Image sized_image(const Source& source, int64_t width, int64_t height);

/// One value of a pixel with this alpha before a white background: round((alpha * value + (255 - alpha) * 255) / 255).
inline uint8_t on_white(unsigned value, unsigned alpha) { return static_cast<uint8_t>((alpha * value + (255 - alpha) * 255 + 127) / 255); }

/// rgba: width x height x 4.
void blend_on_white(const uint8_t* rgba, Image& image);

Image decode_jpeg(const Source& source);
Image decode_png(const Source& source);
Image decode_webp(const Source& source);
Image decode_bmp(const Source& source);

}  // namespace graft::image

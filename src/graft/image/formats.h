// The decoders behind decode(), one a file, and what they share. Not for other layers.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "graft/base/files.h"
#include "graft/image/decode.h"
#include "graft/image/image.h"

namespace graft::image {

struct Source {
  Bytes bytes;
  std::string name;  // printable
  DecodeOptions options;

  const unsigned char* data() const { return reinterpret_cast<const unsigned char*>(bytes.data()); }
};

[[noreturn]] void fail(const Source& source, std::string fact);

/// Error when an image of this size has no pixels or more than the limit.
void check_size(const Source& source, int64_t width, int64_t height);

/// An Image of this size after check_size(), its pixels unspecified.
Image sized_image(const Source& source, int64_t width, int64_t height);

/// One value of a pixel with this alpha before the background: round((alpha * value + (255 - alpha) * white) / 255).
inline uint8_t before(Background background, unsigned value, unsigned alpha) {
  if (background == Background::none) return static_cast<uint8_t>(value);
  return static_cast<uint8_t>((alpha * value + (background == Background::white ? (255 - alpha) * 255 : 0) + 127) / 255);
}

/// rgba: width x height x 4, before the background; it notes transparency.
void put_rgba(const Source& source, const uint8_t* rgba, Image& image);
void note_transparency(const Source& source, bool transparent);

/// The whole number of `size` bytes at `at`, which must be inside.
uint64_t number_at(Bytes bytes, size_t at, size_t size, bool big_endian);

/// The segments of a JPEG before its first scan: marker (0xe1: APP1) and content. Those that end behind the file are left out.
struct JpegSegment {
  int marker;
  Bytes content;
};
std::vector<JpegSegment> jpeg_segments(Bytes file);

/// Samples of 16 bits to 8: the highest of the `depth` bits that count. It notes the highest.
class Narrowing {
 public:
  explicit Narrowing(const Source& source) : traits_(source.options.traits), shift_(source.options.depth - 8) {}
  ~Narrowing() {
    if (traits_ != nullptr) traits_->highest = std::max(traits_->highest, highest_);
  }
  Narrowing(const Narrowing&) = delete;
  Narrowing& operator=(const Narrowing&) = delete;

  uint8_t operator()(unsigned sample) {
    highest_ = std::max(highest_, static_cast<int>(sample));
    return static_cast<uint8_t>(std::min(sample >> shift_, 255U));
  }

 private:
  Traits* traits_;
  int shift_, highest_ = -1;
};

Image decode_jpeg(const Source& source);
Image decode_png(const Source& source);
Image decode_webp(const Source& source);
Image decode_bmp(const Source& source);
Image decode_tiff(const Source& source);
Image decode_gif(const Source& source);
Image decode_heif(const Source& source);
Image decode_jpeg2000(const Source& source);
Image decode_dicom(const Source& source);

}  // namespace graft::image

// The image formats share decode(), which goes by the first bytes; each target keeps to its own.
#pragma once

#include "fuzz/target.h"
#include "graft/image/decode.h"

namespace graft::fuzz {

/// Memory follows the pixels of the header, which decode() holds to its limit: 3 bytes of a pixel in the result, 3 more while it is turned, 4 where it
/// has alpha, and what libjpeg keeps of a progressive file, 2 for each of 4 inks and up to 4 times as many for the padding of narrow images.
inline int decode(const uint8_t* data, std::size_t size, image::Format format) {
  constexpr int64_t kMaxPixels = 1 << 20;
  const bool planes_apart = format == image::Format::heif || format == image::Format::jpeg2000 || format == image::Format::dicom;
  const std::size_t bytes_of_pixel = planes_apart ? 64 : 16;
  return run(data, size, bytes_of_pixel * kMaxPixels + file_limit(size), [&](Bytes bytes) {
    if (image::sniff(bytes) != format) return;
    touch(image::decode(bytes, "input", {.max_pixels = kMaxPixels, .enough = 16}).pixels);  // at an eighth of its size, where that is enough
    touch(image::decode(bytes, "input", {.max_pixels = kMaxPixels}).pixels);
  });
}

}  // namespace graft::fuzz

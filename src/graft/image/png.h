// PNG files of pixels. (They are read by decode.h, as every format is.)
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "graft/image/image.h"

namespace graft::image {

/// A PNG of height x width x channels bytes, rows from the top; 1 channel stays grey, 3 are RGB. Compressed for speed: zlib's level 1, rows as
/// differences to their left or upper neighbour. May be called from any thread. std::invalid_argument when sizes and pixels do not agree.
std::string encode_png(std::span<const uint8_t> pixels, int width, int height, int channels);
inline std::string encode_png(const Image& image) { return encode_png(image.pixels, image.width, image.height, 3); }

}  // namespace graft::image

// JPEG files of pixels. (They are read by decode.h, as every format is.)
#pragma once

#include <string>

#include "graft/image/image.h"

namespace graft::image {

/// Baseline, chroma at half the resolution, quality 1 to 100 as libjpeg has it. May be called from any thread. std::invalid_argument when sizes and
/// pixels do not agree, std::bad_alloc without memory.
std::string encode_jpeg(const Image& image, int quality);

}  // namespace graft::image

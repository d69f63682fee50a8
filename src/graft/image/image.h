// The one image type of graft: decoding gives it and every later step takes it.
#pragma once

#include <cstdint>
#include <vector>

namespace graft::image {

/// RGB, 8 bits a channel, height x width x 3, rows from the top, no padding: pixels.size() == 3 * width * height.
struct Image {
  int width = 0, height = 0;
  std::vector<uint8_t> pixels;
};

}  // namespace graft::image

// TensorFlow's SAME padding.
#pragma once

#include <algorithm>
#include <cstdint>

namespace graft::train {

/// Total padding along a side of a picture, of length `size`; half of it, rounded down, comes before the picture.
inline int64_t same_padding(int64_t size, int64_t kernel, int64_t stride) {
  const int64_t out = (size + stride - 1) / stride;
  return std::max<int64_t>((out - 1) * stride + kernel - size, 0);
}

}  // namespace graft::train

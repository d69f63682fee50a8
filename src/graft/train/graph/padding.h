// TensorFlow's SAME padding.
#pragma once

#include <algorithm>
#include <cstdint>

namespace graft::train {

/// Zeros beside a picture's side in all; half of them, rounded down, stand in front.
inline int64_t same_padding(int64_t size, int64_t kernel, int64_t stride) {
  const int64_t out = (size + stride - 1) / stride;
  return std::max<int64_t>((out - 1) * stride + kernel - size, 0);
}

}  // namespace graft::train

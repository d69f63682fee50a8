// Blocks that several families share.
#pragma once

#include "graft/graph/builder.h"

namespace graft::models {

/// Squeeze-and-excitation (Hu et al. 2017) with torchvision's names fc1 and fc2: x scaled by gate(fc2(activation(fc1(mean of x)))).
inline graph::Value squeeze_excite(graph::Builder b, graph::Value x, int64_t squeeze, graph::Function activation, graph::Function gate) {
  const int64_t channels = x.channels();
  graph::Value s = apply(graph::GlobalAveragePool{.keep = true}, {x});
  s = activate(activation, b.conv("fc1", s, {.out = squeeze, .kernel = 1, .bias = true}));
  s = activate(gate, b.conv("fc2", s, {.out = channels, .kernel = 1, .bias = true}));
  return apply(graph::Multiply{}, {x, s});
}

/// Convolution "0" and batch norm "1" under `b`: torchvision's Conv2dNormActivation without its activation.
inline graph::Value conv_norm(graph::Builder b, graph::Value x, const graph::Conv2d& op, graph::BatchNorm norm = {}) {
  return b.batch_norm("1", b.conv("0", x, op), norm);
}

/// The multiple of 8 nearest to `channels`, not less than 90 % of it (from the MobileNet code).
constexpr int64_t multiple_of_8(double channels) {
  const int64_t rounded = static_cast<int64_t>(channels + 4) / 8 * 8, least = rounded < 8 ? 8 : rounded;
  return static_cast<double>(least) < 0.9 * channels ? least + 8 : least;
}

}  // namespace graft::models

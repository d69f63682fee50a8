// Training kernels of graft's own, for pictures (N, H, W, C) stored as float32 or bf16, chosen at run time by what the CPU can.
//
// oneDNN's depthwise gradients are several times slower than a plain loop for 5x5 windows and stride 2, and batch norm with its activation takes a pass
// over memory for each of its parts in PyTorch; these do both in as few passes as there can be. All sums are float32 in a fixed order, which does not
// depend on the number of threads. Each function works on a part [begin, end) of its tasks or rows, so that the caller spreads it over threads.
// NaN comes out as NaN. Scratch memory is a few rows of 32 channels a call; std::bad_alloc when there is none.
//
// depthwise_forward    tasks: picture x block of kChannelBlock channels; weight (kernel * kernel, C); moments (images, 2, C): the sums over each
//                      picture of y and y^2, or nullptr
// depthwise_backward   tasks: group of pictures x block; any of dx, dweight (kImageGroups, kernel * kernel, C) and sums may be nullptr. sums
//                      (kImageGroups, 2, C) are backward_sums of dx and x.x, for the batch norm that made x; they need dx
// moments              sum += x, square += x^2 over rows of C channels
// normalise            y = shape(x * scale + shift [+ added])
// join                 y = x.shape(x * scale + shift + added * scale + shift); added has no shape of its own
// backward_sums        dz = dy * shape'(x * scale + shift): sum += dz, product += dz * x
// backward_input       dx = dz * p + x * q + r, per channel
// narrow               y = x [+ bias by channel] [+ added]
// pair_rows            rows (2i, 2i + 1), `step` apart, interleaved by channel, zeros up to `height` rows: what AMX multiplies by
// turn_rows            the transpose, (channels, width), zeros behind the last row
#pragma once

#include <span>

#include "graft/train/compute/kernels_table.h"

namespace graft::train {

inline Size channel_blocks(const Depthwise& d) { return (d.channels + kChannelBlock - 1) / kChannelBlock; }

/// The sets this CPU can run, slowest first; the last one is what kernels() gives.
std::span<const Kernels* const> available_kernels();
const Kernels& kernels();

template <class X>
const KernelsOf<X>& kernels_of() {
  if constexpr (sizeof(X) == sizeof(float)) return kernels().single;
  else return kernels().half;
}

}  // namespace graft::train

// graft's own training kernels for pictures (N, H, W, C) stored as float32 or bf16, selected at run time by the CPU's instruction set.
//
// oneDNN's depthwise gradients are several times slower than a plain loop for 5x5 windows and stride 2, and PyTorch's batch norm with its activation
// makes a separate pass over memory for each operation; these kernels do both in as few passes as possible. All sums are float32 in a fixed order,
// which does not depend on the number of threads. Each function works on a part [begin, end) of its tasks or rows, so that the caller can spread it
// over threads. NaN inputs give NaN. Scratch memory is a few rows of 32 channels per call; std::bad_alloc if there is none.
//
// depthwise_forward    tasks: picture x block of kChannelBlock channels; weight (kernel * kernel, C); moments (images, 2, C): the sums of y and y^2
//                      over each picture, or nullptr
// depthwise_backward   tasks: group of pictures x block; any of dx, dweight (kImageGroups, kernel * kernel, C) and sums may be nullptr. sums
//                      (kImageGroups, 2, C) are backward_sums of dx and x.x, for the batch norm that made x; they need dx
// moments              sum += x, square += x^2 over rows of C channels
// normalise            y = shape(x * scale + shift [+ added])
// join                 y = x.shape(x * scale + shift + added * scale + shift), each with its own constants; added has no activation of its own
// backward_sums        dz = dy * shape'(x * scale + shift): sum += dz, product += dz * x
// backward_input       dx = dz * p + x * q + r, per channel
// narrow               y = x [+ bias per channel] [+ added]
// pair_rows            rows (2i, 2i + 1), `step` apart, interleaved by channel, padded with zeros to `height` rows: AMX's layout of a second factor
// turn_rows            the transpose, (channels, width), with zeros after the last row
#pragma once

#include <span>

#include "graft/train/compute/kernels_table.h"

namespace graft::train {

inline Size channel_blocks(const Depthwise& d) { return (d.channels + kChannelBlock - 1) / kChannelBlock; }

/// The sets of kernels that this CPU can run, slowest first; kernels() is the last one.
std::span<const Kernels* const> available_kernels();
const Kernels& kernels();

template <class X>
const KernelsOf<X>& kernels_of() {
  if constexpr (sizeof(X) == sizeof(float)) return kernels().single;
  else return kernels().half;
}

}  // namespace graft::train

// Training kernels of graft's own, for pictures (N, H, W, C) stored as float32 or bf16, chosen at run time by what the CPU can.
//
// oneDNN's depthwise gradients are several times slower than a plain loop for 5x5 windows and stride 2, and batch norm with its activation takes a pass
// over memory for each of its parts in PyTorch; these do both in as few passes as there can be. All sums are float32 in a fixed order, which does not
// depend on the number of threads. Each function works on a part [begin, end) of its tasks or rows, so that the caller spreads it over threads.
// NaN comes out as NaN. Scratch memory is a few rows of 32 channels a call; std::bad_alloc when there is none.
//
// depthwise_forward, _backward_input   tasks: picture x block of kChannelBlock channels; weight (kernel * kernel, C)
// depthwise_backward_weight            tasks: group of pictures x block; partial (kImageGroups, kernel * kernel, C), each task writes its part
// moments                              sum += x, square += x^2 over rows of C channels
// normalise                            y = shape(x * scale + shift [+ added])
// backward_sums                        dz = dy * shape'(x * scale + shift): sum += dz, product += dz * x
// backward_input                       dx = dz * p + x * q + r, per channel
#pragma once

#include <span>

#include "graft/train/kernels_table.h"

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

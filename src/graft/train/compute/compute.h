// What an Executor's operators have computed that is more than a call of ATen: the fused passes over batch norms, and the convolutions that read and
// write through them. A table of functions on tensors, one for each way to compute, so that no operator knows where its tensors lie.
//
// cpu()    the kernels of kernels.h and products.h; float32 and bf16
// plain()  the same in plain ATen calls, for any device and any type, float64 included: the readable reference, by which the gradients of all operators
//          are proved, and cpu() is compared with it
//
// Constants and sums are in exact_type() of the pictures. What has sums by parts leaves it to the caller to add these up: how many there are is the
// table's own matter, but never depends on the number of threads.
#pragma once

#include <ATen/ATen.h>

#include "graft/train/compute/buffers.h"
#include "graft/train/compute/values.h"

namespace graft::train {

/// An output and, where they were wanted, its moments() by parts.
struct Convolved {
  at::Tensor output, moments;
};

/// What is wanted of a convolution's way back. `sums`: backward_sums of dx, for the batch norm that the convolution reads through.
struct Wanted {
  bool dx, dweight, sums;
};
/// Those that are not wanted are undefined. dweight in exact_type(), in the weight's order of elements.
struct ConvolutionGradients {
  at::Tensor dx, dweight, sums;
};

struct Compute {
  const char* name;
  at::Device device;  // of all tensors

  /// What a Value stands for, as a tensor of its own.
  at::Tensor (*materialise)(const Value& x, Buffers& buffers);
  /// A Gradient taken through the batch norm that it still has to go through.
  at::Tensor (*through)(const Gradient& dy, Buffers& buffers);
  /// shape(first + second).
  at::Tensor (*join)(const Value& first, const Value& second, Shape shape, Buffers& buffers);
  /// By channel: the sums of x and x^2, (parts, 2, C).
  at::Tensor (*moments)(const at::Tensor& x);
  /// By channel: the sums of dz and dz * x.tensor, (parts, 2, C), where dz = dy * the slope of x's shape.
  at::Tensor (*backward_sums)(const Value& x, const at::Tensor& dy);

  /// weight: (C, 1, K, K).
  Convolved (*depthwise)(const Depthwise& d, const Value& x, const at::Tensor& weight, bool moments, Buffers& buffers);
  ConvolutionGradients (*depthwise_backward)(const Depthwise& d, const Value& x, const Gradient& dy, const at::Tensor& weight, Wanted wanted,
                                             Buffers& buffers);

  /// Whether a 1x1 convolution from `in` to `out` channels can be computed by the functions below, else ATen does it.
  bool (*has_blocks)(at::ScalarType storage, int64_t in, int64_t out);
  /// weight: (out, in, 1, 1), rounded as pictures are; bias undefined: none.
  Convolved (*pointwise)(const Value& x, const at::Tensor& weight, const at::Tensor& bias, bool moments, Buffers& buffers);
  /// others: gradients by x that are added to dx, and undefined without.
  ConvolutionGradients (*pointwise_backward)(const Value& x, const Gradient& dy, const at::Tensor& weight, const at::Tensor& others, Wanted wanted,
                                             Buffers& buffers);
};

const Compute& cpu();
Compute plain(at::Device device = at::kCPU);

}  // namespace graft::train

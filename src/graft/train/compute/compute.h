// The computations of an Executor's operators that are more than a call of ATen: fused passes over batch norms, and convolutions that read and write
// through them. There is a table of functions on tensors for each implementation, so that operators need not know on which device their tensors are.
//
// cpu()    the kernels of kernels.h and products.h; float32 and bf16
// plain()  the same in plain ATen calls, for any device and any type, float64 included: the readable reference, with which the gradients of all
//          operators are verified, and with which cpu() is compared
//
// Constants and sums are in exact_type() of the pictures. Sums with a dimension `parts` are partial sums, which the caller must add up: their number
// depends on the implementation, but never on the number of threads.
#pragma once

#include <ATen/ATen.h>

#include "graft/train/compute/buffers.h"
#include "graft/train/compute/values.h"

namespace graft::train {

/// An output and, if requested, its moments() as partial sums.
struct Convolved {
  at::Tensor output, moments;
};

/// The results requested from the backward pass of a convolution. `sums`: backward_sums of dx, for the batch norm that the convolution reads through.
struct Wanted {
  bool dx, dweight, sums;
};
/// Those not requested are undefined. dweight is in exact_type(), in the memory order of the weight.
struct ConvolutionGradients {
  at::Tensor dx, dweight, sums;
};

struct Compute {
  const char* name;
  at::Device device;  // where all tensors must be

  /// Computes a Value into a tensor of its own.
  at::Tensor (*materialise)(const Value& x, Buffers& buffers);
  /// Computes a Gradient through the batch norm that it still has to pass.
  at::Tensor (*through)(const Gradient& dy, Buffers& buffers);
  /// shape(first + second).
  at::Tensor (*join)(const Value& first, const Value& second, Shape shape, Buffers& buffers);
  /// The sums of x and x^2 per channel, (parts, 2, C).
  at::Tensor (*moments)(const at::Tensor& x);
  /// The sums of dz and dz * x.tensor per channel, (parts, 2, C), where dz = dy * the derivative of x's activation.
  at::Tensor (*backward_sums)(const Value& x, const at::Tensor& dy);

  /// weight: (C, 1, K, K).
  Convolved (*depthwise)(const Depthwise& d, const Value& x, const at::Tensor& weight, bool moments, Buffers& buffers);
  ConvolutionGradients (*depthwise_backward)(const Depthwise& d, const Value& x, const Gradient& dy, const at::Tensor& weight, Wanted wanted,
                                             Buffers& buffers);

  /// Whether the functions below can compute a 1x1 convolution from `in` to `out` channels; otherwise ATen must.
  bool (*has_blocks)(at::ScalarType storage, int64_t in, int64_t out);
  /// weight: (out, in, 1, 1), rounded to the storage type of the pictures; bias: undefined if there is none.
  Convolved (*pointwise)(const Value& x, const at::Tensor& weight, const at::Tensor& bias, bool moments, Buffers& buffers);
  /// others: gradients of x from its other readers, to be added to dx; undefined if there are none.
  ConvolutionGradients (*pointwise_backward)(const Value& x, const Gradient& dy, const at::Tensor& weight, const at::Tensor& others, Wanted wanted,
                                             Buffers& buffers);
};

const Compute& cpu();
Compute plain(at::Device device = at::kCPU);

}  // namespace graft::train

// What flows between the operators of an Executor: tensors, and batch norms that are not yet computed.
#pragma once

#include <ATen/ATen.h>

#include "graft/train/compute/kernels_table.h"

namespace graft::train {

/// The type of parameters, their gradients, constants and sums beside pictures of this one.
inline at::ScalarType exact_type(at::ScalarType storage) { return storage == at::kDouble ? at::kDouble : at::kFloat; }

/// An operator's output as its readers get it: shape(tensor * constants[0] + constants[1]) by channel, to be computed on reading. Without constants
/// (2, C) the tensor itself.
struct Value {
  at::Tensor tensor, constants;
  Shape shape = Shape::identity;
};

/// The gradient of an operator's output. For a convolution before a batch norm it may still have to go through that: then `z` is the convolution's
/// output and constants (5, C) are scale, shift, p, q, r, and it stands for dz * p + z * q + r with dz = tensor * shape'(z * scale + shift). For a batch
/// norm `sums` (parts, 2, C) may be its backward_sums.
struct Gradient {
  at::Tensor tensor, z, constants, sums;
  Shape shape = Shape::identity;
};

}  // namespace graft::train

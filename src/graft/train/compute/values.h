// The values that pass between the operators of an Executor: tensors, with batch norms that are still to be computed.
#pragma once

#include <ATen/ATen.h>

#include "graft/train/compute/kernels_table.h"

namespace graft::train {

/// The type of parameters, their gradients, constants and sums, if pictures are stored in `storage`.
inline at::ScalarType exact_type(at::ScalarType storage) { return storage == at::kDouble ? at::kDouble : at::kFloat; }

/// An operator's output as its readers get it: shape(tensor * constants[0] + constants[1]) per channel, to be computed on reading, with constants
/// (2, C). The tensor itself if constants are undefined.
struct Value {
  at::Tensor tensor, constants;
  Shape shape = Shape::identity;
};

/// The gradient of an operator's output. For a convolution followed by a batch norm, it may still have to pass through that: then `z` is the
/// convolution's output, constants (5, C) are scale, shift, p, q, r, and the gradient is dz * p + z * q + r with
/// dz = tensor * shape'(z * scale + shift). For a batch norm, `sums` (parts, 2, C) may be its backward_sums.
struct Gradient {
  at::Tensor tensor, z, constants, sums;
  Shape shape = Shape::identity;
};

}  // namespace graft::train

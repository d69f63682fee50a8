// What flows between the operators of an Executor: tensors, and batch norms that are not yet computed.
#pragma once

#include <ATen/ATen.h>

#include "graft/train/kernels.h"

namespace graft::train {

/// f(Bf16{}) or f(float{}) as the tensor's elements are.
template <class F>
void with_type(const at::Tensor& t, F&& f) {
  if (t.scalar_type() == at::kBFloat16) f(Bf16{});
  else f(float{});
}
template <class X>
const X* read(const at::Tensor& t) {
  return static_cast<const X*>(t.const_data_ptr());
}
template <class X>
X* write(const at::Tensor& t) {
  return static_cast<X*>(t.mutable_data_ptr());
}

/// An operator's output as its readers get it: shape(tensor * constants[0] + constants[1]) by channel, to be computed on reading. Without constants
/// (2, C) the tensor itself.
struct Value {
  at::Tensor tensor, constants;
  Shape shape = Shape::identity;

  template <class X>
  Source<X> source() const {
    if (!constants.defined()) return {read<X>(tensor)};
    const auto* c = read<float>(constants);
    return {read<X>(tensor), c, c + constants.size(1), shape};
  }
};

/// The gradient of an operator's output. For a convolution before a batch norm it may still have to go through that: then `z` is the convolution's
/// output and constants (5, C) are scale, shift, p, q, r of kernels' Incoming. For a batch norm `sums` (parts, 2, C) may be its backward_sums.
struct Gradient {
  at::Tensor tensor, z, constants, sums;
  Shape shape = Shape::identity;

  template <class X>
  Incoming<X> incoming() const {
    if (!z.defined()) return {read<X>(tensor)};
    const auto* c = read<float>(constants);
    const Size n = constants.size(1);
    return {read<X>(tensor), read<X>(z), c, c + n, c + 2 * n, c + 3 * n, c + 4 * n, shape};
  }
};

inline constexpr int64_t kRowGroups = 16;  // parts of all rows whose sums are taken apart, whatever the number of threads

}  // namespace graft::train

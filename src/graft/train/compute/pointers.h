// Access to the memory of tensors in the form that the CPU kernels take. Only for cpu() and its matrix products.
#pragma once

#include "graft/train/compute/kernels.h"
#include "graft/train/compute/values.h"

namespace graft::train {

inline constexpr int64_t kRowGroups = 16;  // parts of all rows with separate partial sums, whatever the number of threads

/// Calls f(Bf16{}) or f(float{}), by the tensor's element type.
template <class F>
void with_type(const at::Tensor& t, F&& f) {
  TORCH_CHECK(t.scalar_type() == at::kBFloat16 || t.scalar_type() == at::kFloat, "the kernels of the CPU compute in float32 and bf16");
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
/// nullptr if the tensor is undefined.
inline float* place_of(const at::Tensor& sums) { return sums.defined() ? write<float>(sums) : nullptr; }

template <class X>
Source<X> source_of(const Value& v) {
  if (!v.constants.defined()) return {read<X>(v.tensor)};
  const auto* c = read<float>(v.constants);
  return {read<X>(v.tensor), c, c + v.constants.size(1), v.shape};
}

template <class X>
Incoming<X> incoming_of(const Gradient& g) {
  if (!g.z.defined()) return {read<X>(g.tensor)};
  const auto* c = read<float>(g.constants);
  const Size n = g.constants.size(1);
  return {read<X>(g.tensor), read<X>(g.z), c, c + n, c + 2 * n, c + 3 * n, c + 4 * n, g.shape};
}

}  // namespace graft::train

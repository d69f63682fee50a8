#include "graft/train/compute/products.h"

#include <ATen/native/CPUBlas.h>

#include "graft/base/isa.h"

namespace graft::train {

bool has_products(at::ScalarType storage, int64_t in, int64_t out) {
  static const bool can = best_isa() >= Isa::amx && at::native::cpublas::could_pack(at::kBFloat16);
  return can && storage == at::kBFloat16 && in % 2 == 0 && out % 2 == 0;
}

namespace {

constexpr Size kPanel = 64;  // columns

/// work(first column, columns) for each panel.
template <class F>
void for_panels(Size n, F&& work) {
  for (Size first = 0; first < n; first += kPanel) work(first, std::min(kPanel, n - first));
}

}  // namespace

void product(Size m, Size n, Size k, const Bf16* a, const Bf16* b, float* c, bool added) {
  for_panels(n, [&](Size first, Size columns) {
    at::native::cpublas::brgemm(m, columns, k, k, columns, n, added, reinterpret_cast<const at::BFloat16*>(a),
                                reinterpret_cast<const at::BFloat16*>(b) + first * k, c + first);
  });
}

void end_products() { at::native::cpublas::brgemm_release(); }

at::Tensor paired(const at::Tensor& factor) {
  std::vector<at::Tensor> panels;
  for_panels(factor.size(1), [&](Size first, Size columns) {
    panels.push_back(factor.narrow(1, first, columns).unflatten(0, {factor.size(0) / 2, 2}).transpose(1, 2).flatten());
  });
  return panels.size() == 1 ? panels[0].contiguous() : at::cat(panels);
}

void pair(const Bf16* x, Size rows, Size columns, Bf16* to, Size height) {
  for_panels(columns, [&](Size first, Size n) { kernels().pair_rows(x + first, rows, columns, n, to + first * height, height); });
}

Scratch::Scratch(Size bytes) {
  thread_local std::vector<std::byte> memory;
  constexpr Size kSlack = 64 * 16;  // what aligning may cost
  if (memory.size() < static_cast<std::size_t>(bytes + kSlack)) memory.resize(static_cast<std::size_t>(bytes + kSlack));
  at_ = reinterpret_cast<uintptr_t>(memory.data());
}

const Bf16* normalised(const Source<Bf16>& s, Size first, Size rows, Size channels, Bf16* to) {
  const Bf16* from = s.x + first * channels;
  if (s.scale == nullptr) return from;
  kernels().half.normalise(from, s.scale, s.shift, s.shape, nullptr, to, rows, channels);
  return to;
}

const Bf16* through_norm(const Incoming<Bf16>& g, Size first, Size rows, Size channels, Bf16* to) {
  const Bf16* from = g.dy + first * channels;
  if (g.z == nullptr) return from;
  kernels().half.backward_input(g.z + first * channels, from, g.scale, g.shift, g.shape, g.p, g.q, g.r, to, rows, channels);
  return to;
}

}  // namespace graft::train

// Matrix products in bf16 within a thread (AMX or AVX-512, by oneDNN's kernels for blocks), and the blocks they work on.
#pragma once

#include <cstdint>

#include "graft/train/compute/pointers.h"

namespace graft::train {

/// Whether this CPU has products of pictures stored so, of these numbers of channels.
bool has_products(at::ScalarType storage, int64_t in, int64_t out);

/// c (m, n) = a (m, k) * b (k, n) [+ c]; b is `paired`, so k is even. Where has_products().
void product(Size m, Size n, Size k, const Bf16* a, const Bf16* b, float* c, bool added = false);
/// Ends a thread's products: gives its tiles back.
void end_products();

/// (k, n) as `product` wants its second factor: panels of kPanel columns, each (k / 2, columns, 2), so that neighbours in use are neighbours in memory.
at::Tensor paired(const at::Tensor& factor);
/// The same of rows in a thread's scratch, with zeros up to `height` of them.
void pair(const Bf16* x, Size rows, Size columns, Bf16* to, Size height);

/// A thread's memory for a block, which stays for the next one.
class Scratch {
 public:
  /// Bytes for all that will be taken.
  explicit Scratch(Size bytes);
  template <class X>
  X* take(Size count) {
    at_ = (at_ + 63) / 64 * 64;
    X* const taken = reinterpret_cast<X*>(at_);
    at_ += static_cast<uintptr_t>(count) * sizeof(X);
    return taken;
  }

 private:
  uintptr_t at_;
};

/// The rows from `first` on as a reader sees them; `to` is their place where they must be computed.
const Bf16* normalised(const Source<Bf16>& s, Size first, Size rows, Size channels, Bf16* to);
const Bf16* through_norm(const Incoming<Bf16>& g, Size first, Size rows, Size channels, Bf16* to);

inline float* part(const at::Tensor& parts, Size group) { return parts.defined() ? write<float>(parts) + group * parts.stride(0) : nullptr; }

}  // namespace graft::train

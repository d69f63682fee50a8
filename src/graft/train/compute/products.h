// Matrix products in bf16 within a thread (AMX or AVX-512, by oneDNN's block kernels), and the blocks of rows that they work on.
#pragma once

#include <cstdint>

#include "graft/train/compute/pointers.h"

namespace graft::train {

/// Whether this CPU has matrix products for pictures of this storage type and these numbers of channels.
bool has_products(at::ScalarType storage, int64_t in, int64_t out);

/// c (m, n) = a (m, k) * b (k, n) [+ c, if `added`]; b is in the layout of paired(), so k is even. Requires has_products().
void product(Size m, Size n, Size k, const Bf16* a, const Bf16* b, float* c, bool added = false);
/// Must end a thread's products: releases its AMX tiles.
void end_products();

/// Converts a matrix (k, n) to the layout that product() expects of its second factor: panels of kPanel columns, each (k / 2, columns, 2), so that
/// values that are used together are adjacent in memory.
at::Tensor paired(const at::Tensor& factor);
/// The same for rows in a thread's scratch memory, padded with zeros to `height` rows.
void pair(const Bf16* x, Size rows, Size columns, Bf16* to, Size height);

/// A thread's memory for a block, reused for the next one.
class Scratch {
 public:
  /// bytes: enough for everything that will be taken.
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

/// The rows from `first` on, normalized and activated, or taken back through the batch norm. Written to `to` if they must be computed; otherwise a
/// pointer to them in memory.
const Bf16* normalised(const Source<Bf16>& s, Size first, Size rows, Size channels, Bf16* to);
const Bf16* through_norm(const Incoming<Bf16>& g, Size first, Size rows, Size channels, Bf16* to);

inline float* part(const at::Tensor& parts, Size group) { return parts.defined() ? write<float>(parts) + group * parts.stride(0) : nullptr; }

}  // namespace graft::train

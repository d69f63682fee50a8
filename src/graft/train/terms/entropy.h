// How unclear answers are.
#pragma once

#include <ATen/ATen.h>

namespace graft::train {

/// -sum_k p_k log p_k of each row of probabilities (N, classes), 0 log 0 being 0: (N).
inline at::Tensor entropy(const at::Tensor& p) { return -at::xlogy(p, p).sum(-1); }

/// 1 + exp(-entropy) of each: what clear answers count more (CDAN+E, MCC), the mean over the rows being 1. (N), and no gradient goes through it.
inline at::Tensor clearness(const at::Tensor& p) {
  const at::Tensor w = 1 + (-entropy(p)).exp();
  return w / w.mean();
}

/// A gradient by the probabilities p = softmax(z) as that by z.
inline at::Tensor through_softmax(const at::Tensor& p, const at::Tensor& gradient) { return p * (gradient - (p * gradient).sum(-1, true)); }

}  // namespace graft::train

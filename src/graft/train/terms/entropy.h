// How uncertain predictions are.
#pragma once

#include <ATen/ATen.h>

namespace graft::train {

/// The entropy -sum_k p_k log p_k of each row of probabilities (N, classes), with 0 log 0 = 0: (N).
inline at::Tensor entropy(const at::Tensor& p) { return -at::xlogy(p, p).sum(-1); }

/// The weight 1 + exp(-entropy) of each row, scaled to a mean of 1, by which confident predictions count more (CDAN+E, MCC): (N). No gradient flows
/// through it.
inline at::Tensor clearness(const at::Tensor& p) {
  const at::Tensor w = 1 + (-entropy(p)).exp();
  return w / w.mean();
}

/// Turns a gradient with respect to the probabilities p = softmax(z) into the gradient with respect to z.
inline at::Tensor through_softmax(const at::Tensor& p, const at::Tensor& gradient) { return p * (gradient - (p * gradient).sum(-1, true)); }

}  // namespace graft::train

// Polynomial loss (PolyLoss, Leng et al. 2022), Poly-1: cross-entropy as a series in 1 - p of the right class, whose first coefficient is 1 + epsilon
// instead of 1: the surprise, and epsilon * (1 - p). For several classes - sum_k t_k log p_k + epsilon * sum_k t_k (1 - p_k); of any number of classes each
// of both answers so: b_k + epsilon * (w_k t_k (1 - p_k) + (1 - t_k) p_k) with the surprise b_k.
#include "graft/train/terms/by_labels.h"

namespace graft::train {
namespace {

ByClass poly_one(const at::Tensor& log_p, const at::Tensor& t, double epsilon) {
  const at::Tensor p = log_p.exp();
  return {t * (epsilon * -at::expm1(log_p) - log_p), t * (1 + epsilon * p)};
}

ByClass poly_any(const Chances& c, double epsilon) {
  const ByClass plain = surprise(c);
  return {plain.loss + epsilon * (c.own * c.q + (1 - c.t) * c.p), plain.slope + epsilon * (1 - c.t - c.own) * c.p * c.q};
}

}  // namespace

std::optional<Term> poly_term(const Training& training) {
  if (training.config.loss != LossKind::poly) return std::nullopt;
  const double epsilon = training.config.poly_epsilon;
  return by_labels(training, "poly",
                   {.one = [epsilon](const at::Tensor& log_p, const at::Tensor& t) { return poly_one(log_p, t, epsilon); },
                    .any = [epsilon](const Chances& chances) { return poly_any(chances, epsilon); }});
}

}  // namespace graft::train

// Focal loss (Lin et al. 2017), for several classes - sum_k t_k (1 - p_k)^gamma log p_k; of any number of classes, with the surprise b_k of each,
// b_k (1 - t_k p_k - (1 - t_k) (1 - p_k))^gamma, as torchvision's sigmoid_focal_loss without its alpha.
#include "graft/train/terms/by_labels.h"

namespace graft::train {
namespace {

/// t_k of cross-entropy becomes t_k ((1 - p_k)^gamma - gamma p_k (1 - p_k)^(gamma - 1) log p_k).
ByClass focal_one(const at::Tensor& log_p, const at::Tensor& t, double gamma) {
  const at::Tensor rest = (-at::expm1(log_p)).clamp_min(kSmallestRest), power = rest.pow(gamma);
  return {-(t * power * log_p), t * (power - gamma * log_p.exp() * rest.pow(gamma - 1) * log_p)};
}

ByClass focal_any(const Chances& c, double gamma) {
  const ByClass plain = surprise(c);
  const at::Tensor rest = (c.p * (1 - c.t) + c.q * c.t).clamp_min(kSmallestRest), power = rest.pow(gamma);
  return {plain.loss * power, plain.slope * power + gamma * plain.loss * rest.pow(gamma - 1) * c.p * c.q * (1 - 2 * c.t)};
}

}  // namespace

std::optional<Term> focal_term(const Training& training) {
  if (training.config.loss != LossKind::focal) return std::nullopt;
  const double gamma = training.config.focal_gamma;
  return by_labels(
      training, "focal",
      {.one = [gamma](const at::Tensor& log_p, const at::Tensor& t) { return gamma > 0 ? focal_one(log_p, t, gamma) : surprise(log_p, t); },
       .any = [gamma](const Chances& chances) { return gamma > 0 ? focal_any(chances, gamma) : surprise(chances); }});
}

}  // namespace graft::train

// Deep CORAL (Sun & Saenko 2016): |C_s - C_t|^2 / (4 F^2), the squared Frobenius distance of the covariances (F, F) of both domains' features.
#include "graft/train/terms/of_batch.h"

namespace graft::train {
namespace {

at::Tensor centred(const at::Tensor& features) { return features - features.mean(0, true); }

at::Tensor covariance(const at::Tensor& centred) { return centred.t().mm(centred) / (centred.size(0) - 1); }

BetweenDomains distance(const at::Tensor& source, const at::Tensor& target) {
  const at::Tensor s = centred(source), t = centred(target), difference = covariance(s) - covariance(t);
  const auto width = static_cast<double>(source.size(1));
  // d|D|^2 / dx = 4 (x - mean) D / (N - 1)
  const auto gradient = [&](const at::Tensor& x, double sign) {
    return x.mm(difference) * (sign / (width * width * static_cast<double>(x.size(0) - 1)));
  };
  return {difference.square().sum().item<double>() / (4 * width * width), gradient(s, 1), gradient(t, -1)};
}

}  // namespace

std::optional<Term> deep_coral_term(const Training& training) {
  if (training.config.adapt != Adaptation::deep_coral) return std::nullopt;
  return between_domains("deep-coral", training.config.trade_off, distance);
}

}  // namespace graft::train

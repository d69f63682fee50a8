#include "graft/train/loop/mix.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace graft::train {
namespace {

constexpr uint64_t kMix = 0x6d6978;  // "mix": streams of their own beside those that shuffle and drop out

double above_zero(Rng& rng) { return 1 - rng.uniform(); }

double normal(Rng& rng) { return std::sqrt(-2 * std::log(above_zero(rng))) * std::cos(2 * std::numbers::pi * rng.uniform()); }

/// Of a gamma variate: those of small shapes are smaller than any double. Marsaglia & Tsang's needs a shape of at least 1; below, 7.
double log_gamma_variate(Rng& rng, double shape) {
  if (shape < 1) return log_gamma_variate(rng, shape + 1) + std::log(above_zero(rng)) / shape;
  const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = normal(rng), v = std::pow(1 + c * x, 3);
    if (v > 0 && std::log(above_zero(rng)) < x * x / 2 + d - d * v + d * std::log(v)) return std::log(d * v);
  }
}

/// Of `size` places, those of the box: [first, second).
std::pair<int64_t, int64_t> side_of_box(double centre, double half, int64_t size) {
  const auto at = static_cast<int64_t>(centre * static_cast<double>(size)), reach = static_cast<int64_t>(half * static_cast<double>(size));
  return {std::max<int64_t>(at - reach, 0), std::min(at + reach, size)};
}

/// Returns the part that stays.
double cut(at::Tensor& pictures, const Mix& how) {
  const int64_t height = pictures.size(1), width = pictures.size(2);
  const double half = std::sqrt(1 - how.own) / 2;
  const auto [top, bottom] = side_of_box(how.y, half, height);
  const auto [left, right] = side_of_box(how.x, half, width);
  const auto box = [&, t = top, b = bottom, l = left, r = right](const at::Tensor& of) { return of.slice(1, t, b).slice(2, l, r); };
  box(pictures).copy_(box(pictures).roll(1, 0));
  return 1 - static_cast<double>((bottom - top) * (right - left)) / static_cast<double>(height * width);
}

void blend(at::Tensor& values, double own) { values = values * own + values.roll(1, 0) * (1 - own); }

}  // namespace

double beta(Rng& rng, double alpha) {
  const double a = log_gamma_variate(rng, alpha), b = log_gamma_variate(rng, alpha);
  return 1 / (1 + std::exp(b - a));
}

Mix draw_mix(const TrainConfig& config, uint64_t step) {
  if (config.mixup == 0 && config.cutmix == 0) return {};
  Rng rng(config.seed ^ kMix, step);
  const bool cuts = config.mixup == 0 || (config.cutmix > 0 && rng.below(2) == 1);
  Mix how{.kind = cuts ? MixKind::cutmix : MixKind::mixup, .own = beta(rng, cuts ? config.cutmix : config.mixup)};
  how.x = rng.uniform();
  how.y = rng.uniform();
  return how;
}

void mix(Batch& batch, const Mix& how) {
  if (how.kind == MixKind::none) return;
  double own = how.own;
  if (how.kind == MixKind::mixup) blend(batch.inputs, own);
  else own = cut(batch.inputs, how);
  blend(batch.targets, own);
  if (batch.teacher.defined()) blend(batch.teacher, own);
  if (batch.weights.defined()) blend(batch.weights, own);
}

}  // namespace graft::train

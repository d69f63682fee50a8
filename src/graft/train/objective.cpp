#include "graft/train/objective.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "graft/base/class_weights.h"

namespace graft::train {
namespace {

constexpr double kSmallestRest = 1e-20;  // of 1 - p, so that its powers stay numbers

at::Tensor tensor_of(const std::vector<double>& values) {
  at::Tensor tensor = at::empty({static_cast<int64_t>(values.size())}, at::kFloat);
  std::transform(values.begin(), values.end(), tensor.mutable_data_ptr<float>(), [](double x) { return static_cast<float>(x); });
  return tensor;
}

std::optional<ClassWeights> weights_of(const TrainConfig& config) {
  if (config.imbalance == Imbalance::weights) return ClassWeights::balanced;
  if (config.imbalance == Imbalance::effective) return ClassWeights(ClassWeights::effective, config.effective_beta);
  return std::nullopt;
}

struct Terms {
  at::Tensor loss, slope;  // (N, classes): the terms of the sum, and by which p of the sample is moved towards (or from) each class
};

/// - t_k log p_k, whose derivative by z_j is p_j t_k - (j == k) t_k.
Terms cross_entropy_terms(const at::Tensor& log_p, const at::Tensor& t) { return {-(t * log_p), t}; }

/// The same with (1 - p)^gamma: t_k becomes t_k ((1 - p_k)^gamma - gamma p_k (1 - p_k)^(gamma - 1) log p_k).
Terms focal_terms(const at::Tensor& log_p, const at::Tensor& t, double gamma) {
  const at::Tensor rest = (-at::expm1(log_p)).clamp_min(kSmallestRest), power = rest.pow(gamma);
  return {-(t * power * log_p), t * (power - gamma * log_p.exp() * rest.pow(gamma - 1) * log_p)};
}

}  // namespace

Objective::Objective(const TrainConfig& config, std::span<const int> labels, int64_t classes, std::span<const float> targets)
    : classes_(classes),
      smoothing_(config.label_smoothing),
      gamma_(config.loss == LossKind::focal ? config.focal_gamma : 0),
      temperature_(config.distill_temperature),
      weight_(config.distill_weight),
      any_number_(!targets.empty()) {
  if (any_number_) {
    if (config.imbalance == Imbalance::weights) weights_ = tensor_of(positive_weights(targets, static_cast<std::size_t>(classes)));
    return;
  }
  const std::vector<std::size_t> counts = class_counts(labels, static_cast<std::size_t>(classes));
  if (const auto weights = weights_of(config)) weights_ = tensor_of(class_weights(counts, *weights));
  if (config.imbalance != Imbalance::balanced_softmax) return;
  std::vector<double> log_share;
  for (const std::size_t n : counts)  // a class that is nowhere in training: as if one sample had it
    log_share.push_back(config.logit_adjustment * std::log(static_cast<double>(std::max<std::size_t>(n, 1)) / static_cast<double>(labels.size())));
  adjustment_ = tensor_of(log_share);
}

Loss Objective::operator()(const at::Tensor& logits, const Batch& batch, std::size_t share) const {
  if (any_number_) return of_any_number(logits, batch, share);
  const at::Tensor& targets = batch.targets;
  at::Tensor t = smoothing_ > 0 ? targets * (1 - smoothing_) + smoothing_ / static_cast<double>(classes_) : targets;
  if (weights_.defined()) t = t * weights_;
  t = weighed(t, batch);  // all terms are linear in it
  const at::Tensor log_p = at::log_softmax(adjustment_.defined() ? logits + adjustment_ : logits, 1);
  const Terms terms = gamma_ > 0 ? focal_terms(log_p, t, gamma_) : cross_entropy_terms(log_p, t);
  Loss loss{.sum = terms.loss.sum(at::kDouble).item<double>(),
            .right = logits.argmax(1).eq(targets.argmax(1)).sum().item<int64_t>(),
            .gradient = (log_p.exp() * terms.slope.sum(1, true) - terms.slope) / static_cast<double>(share)};
  if (!batch.teacher.defined()) return loss;
  const at::Tensor& q = batch.teacher;
  const at::Tensor log_student = at::log_softmax(logits / temperature_, 1);
  const double divergence = weighed(at::xlogy(q, q) - q * log_student, batch).sum(at::kDouble).item<double>();
  loss.sum = (1 - weight_) * loss.sum + weight_ * temperature_ * temperature_ * divergence;
  loss.gradient = (1 - weight_) * loss.gradient + weighed(log_student.exp() - q, batch) * (weight_ * temperature_ / static_cast<double>(share));
  return loss;
}

Loss Objective::of_any_number(const at::Tensor& logits, const Batch& batch, std::size_t share) const {
  const at::Tensor t = batch.targets * (1 - smoothing_) + smoothing_ / 2, own = weights_.defined() ? t * weights_ : t;
  const at::Tensor p = logits.sigmoid(), q = (-logits).sigmoid();
  at::Tensor loss = -(own * at::log_sigmoid(logits) + (1 - t) * at::log_sigmoid(-logits)), slope = (1 - t) * p - own * q;
  if (gamma_ > 0) {
    const at::Tensor rest = (p * (1 - t) + q * t).clamp_min(kSmallestRest), power = rest.pow(gamma_);
    slope = slope * power + gamma_ * loss * rest.pow(gamma_ - 1) * p * q * (1 - 2 * t);
    loss = loss * power;
  }
  const auto classes = static_cast<double>(classes_);
  return {.sum = weighed(loss, batch).sum(at::kDouble).item<double>() / classes,
          .right = all_right(logits, batch.targets),
          .gradient = weighed(slope, batch) / (classes * static_cast<double>(share))};
}

}  // namespace graft::train

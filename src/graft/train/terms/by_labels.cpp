#include "graft/train/terms/by_labels.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "graft/base/class_weights.h"

namespace graft::train {
namespace {

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

/// Of samples of one class each.
class OneClass {
 public:
  OneClass(const TrainConfig& config, std::span<const int> labels, std::size_t classes, LabelLoss formula)
      : formula_(std::move(formula)), smoothing_(config.label_smoothing), classes_(static_cast<double>(classes)) {
    const std::vector<std::size_t> counts = class_counts(labels, classes);
    if (const auto weights = weights_of(config)) weights_ = tensor_of(class_weights(counts, *weights));
    if (config.imbalance != Imbalance::balanced_softmax) return;
    std::vector<double> log_share;
    for (const std::size_t n : counts)  // a class that is nowhere in training: as if one sample had it
      log_share.push_back(config.logit_adjustment * std::log(static_cast<double>(std::max<std::size_t>(n, 1)) / static_cast<double>(labels.size())));
    adjustment_ = tensor_of(log_share);
  }

  TermLoss operator()(const at::Tensor& logits, const Batch& batch, std::size_t share) const {
    at::Tensor t = smoothing_ > 0 ? batch.targets * (1 - smoothing_) + smoothing_ / classes_ : batch.targets;
    if (weights_.defined()) t = t * weights_;
    t = weighed(t, batch);  // all terms are linear in it
    const at::Tensor log_p = at::log_softmax(adjustment_.defined() ? logits + adjustment_ : logits, 1);
    const ByClass by_class = formula_.one(log_p, t);
    return {by_class.loss.sum(at::kDouble).item<double>(),
            {{graph::kLogits, (log_p.exp() * by_class.slope.sum(1, true) - by_class.slope) / static_cast<double>(share)}}};
  }

 private:
  LabelLoss formula_;
  double smoothing_, classes_;
  at::Tensor weights_, adjustment_;  // by class; undefined: none
};

/// Of samples of any number of classes.
class AnyNumber {
 public:
  AnyNumber(const TrainConfig& config, std::span<const float> targets, std::size_t classes, LabelLoss formula)
      : formula_(std::move(formula)), smoothing_(config.label_smoothing), classes_(static_cast<double>(classes)) {
    if (config.imbalance == Imbalance::weights) weights_ = tensor_of(positive_weights(targets, classes));
  }

  TermLoss operator()(const at::Tensor& logits, const Batch& batch, std::size_t share) const {
    const at::Tensor t = batch.targets * (1 - smoothing_) + smoothing_ / 2, own = weights_.defined() ? t * weights_ : t;
    const ByClass by_class = formula_.any({logits, logits.sigmoid(), (-logits).sigmoid(), t, own});
    return {weighed(by_class.loss, batch).sum(at::kDouble).item<double>() / classes_,
            {{graph::kLogits, weighed(by_class.slope, batch) / (classes_ * static_cast<double>(share))}}};
  }

 private:
  LabelLoss formula_;
  double smoothing_, classes_;
  at::Tensor weights_;  // of positives, by class; undefined: none
};

using ByLabels = std::function<TermLoss(const at::Tensor&, const Batch&, std::size_t)>;

ByLabels loss_of(data::SingleLabel /*task*/, const TrainConfig& config, const Samples& samples, std::size_t classes, LabelLoss formula) {
  return OneClass(config, samples.labels, classes, std::move(formula));
}

ByLabels loss_of(data::MultiLabel /*task*/, const TrainConfig& config, const Samples& samples, std::size_t classes, LabelLoss formula) {
  return AnyNumber(config, samples.targets, classes, std::move(formula));
}

}  // namespace

ByClass surprise(const at::Tensor& log_p, const at::Tensor& t) { return {-(t * log_p), t}; }

ByClass surprise(const Chances& c) {
  return {-(c.own * at::log_sigmoid(c.logits) + (1 - c.t) * at::log_sigmoid(-c.logits)), (1 - c.t) * c.p - c.own * c.q};
}

Term by_labels(const Training& training, const std::string& name, LabelLoss formula) {
  const TrainConfig& config = training.config;
  const Samples& samples = training.streams.labelled;
  const auto classes = static_cast<std::size_t>(training.graph.output_dims()[0]);
  const ByLabels loss = std::visit([&](const auto& task) { return loss_of(task, config, samples, classes, std::move(formula)); }, samples.task);
  return {.name = name, .fits = true, .loss = [loss, taught = config.distill_weight](const Outputs& outputs, const Batch& batch, std::size_t share) {
            TermLoss all = loss(outputs.at(graph::kLogits), batch, share);
            if (!batch.teacher.defined()) return all;
            all.sum *= 1 - taught;
            all.gradients[graph::kLogits] = (1 - taught) * all.gradients[graph::kLogits];
            return all;
          }};
}

}  // namespace graft::train

#include "graft/train/terms/loss.h"

#include <algorithm>

namespace graft::train {
namespace {

std::vector<int64_t> input_shape(const graph::Graph& graph, std::size_t samples) {
  const graph::Dims& d = graph.input_dims();
  const auto n = static_cast<int64_t>(samples);
  if (d.size() == 3) return {n, d[1], d[2], d[0]};
  return d.size() == 2 ? std::vector<int64_t>{n, d[0], d[1]} : std::vector<int64_t>{n, d[0]};
}

}  // namespace

at::Tensor inputs_of(const graph::Graph& graph, const Fill& fill, uint64_t epoch, std::span<const std::size_t> which) {
  at::Tensor inputs = at::empty(input_shape(graph, which.size()), at::kFloat);
  fill(epoch, which, {inputs.mutable_data_ptr<float>(), static_cast<std::size_t>(inputs.numel())});
  return inputs;
}

at::Tensor labels_of(const Samples& samples, std::span<const std::size_t> which) {
  at::Tensor labels = at::empty({static_cast<int64_t>(which.size())}, at::kLong);
  for (std::size_t i = 0; i < which.size(); ++i) labels.mutable_data_ptr<int64_t>()[i] = samples.labels[samples.number(which[i])];
  return labels;
}

at::Tensor targets_of(data::SingleLabel /*task*/, const Samples& samples, std::span<const std::size_t> which, int64_t classes) {
  return one_hot_targets(labels_of(samples, which), classes);
}

at::Tensor targets_of(data::MultiLabel /*task*/, const Samples& samples, std::span<const std::size_t> which, int64_t classes) {
  at::Tensor targets = at::empty({static_cast<int64_t>(which.size()), classes}, at::kFloat);
  float* to = targets.mutable_data_ptr<float>();
  for (const std::size_t i : which) to = std::copy_n(samples.targets.data() + samples.number(i) * static_cast<std::size_t>(classes), classes, to);
  return targets;
}

at::Tensor targets_of(const Samples& samples, std::span<const std::size_t> which, int64_t classes) {
  return std::visit([&](const auto& task) { return targets_of(task, samples, which, classes); }, samples.task);
}

at::Tensor weighed(const at::Tensor& of_samples, const Batch& batch) {
  return batch.weights.defined() ? of_samples * batch.weights.unsqueeze(1) : of_samples;
}

at::Tensor one_hot_targets(const at::Tensor& labels, int64_t classes) {
  return at::zeros({labels.size(0), classes}, at::kFloat).scatter_(1, labels.unsqueeze(1), 1);
}

Batch batch_of(const graph::Graph& graph, const Samples& samples, const TrainConfig& config, uint64_t epoch, std::span<const std::size_t> which) {
  const int64_t classes = graph.output_dims()[0];
  Batch batch{inputs_of(graph, samples.fill, epoch, which), targets_of(samples, which, classes), {}, {}, samples.task};
  if (!samples.weights.empty()) {
    batch.weights = at::empty({static_cast<int64_t>(which.size())}, at::kFloat);
    std::ranges::transform(which, batch.weights.mutable_data_ptr<float>(),
                           [&](std::size_t i) { return static_cast<float>(samples.weights[samples.number(i)]); });
  }
  if (samples.teacher.empty()) return batch;
  at::Tensor logits = at::empty({static_cast<int64_t>(which.size()), classes}, at::kFloat);
  float* to = logits.mutable_data_ptr<float>();
  for (const std::size_t i : which) to = std::copy_n(samples.teacher.data() + samples.number(i) * static_cast<std::size_t>(classes), classes, to);
  batch.teacher = at::softmax(logits / config.distill_temperature, 1);
  return batch;
}

int64_t right_of(data::SingleLabel /*task*/, const at::Tensor& logits, const at::Tensor& targets) {
  return logits.argmax(1).eq(targets.argmax(1)).sum().item<int64_t>();
}

int64_t right_of(data::MultiLabel /*task*/, const at::Tensor& logits, const at::Tensor& targets) { return all_right(logits, targets); }

int64_t right_of(const at::Tensor& logits, const Batch& batch) {
  return std::visit([&](const auto& task) { return right_of(task, logits, batch.targets); }, batch.task);
}

std::vector<StageMode> modes_at(const transfer::Plan& plan, int epoch, double running) {
  std::vector<StageMode> modes;
  for (const transfer::StagePlan& s : plan.stages) {
    const bool on = s.trains && s.unfreezes_at <= epoch;
    modes.push_back({on, on && s.batch_norm_live, running});
  }
  return modes;
}

Loss cross_entropy(const at::Tensor& logits, const at::Tensor& labels, std::size_t share) {
  const at::Tensor log_p = at::log_softmax(logits, 1), target = one_hot_targets(labels, logits.size(1));
  return {.sum = -(target * log_p).sum(at::kDouble).item<double>(),
          .right = logits.argmax(1).eq(labels).sum().item<int64_t>(),
          .gradient = (log_p.exp() - target) / static_cast<double>(share)};
}

Loss binary_cross_entropy(const at::Tensor& logits, const at::Tensor& targets, std::size_t share) {
  const auto classes = static_cast<double>(logits.size(1));
  const at::Tensor loss = targets * at::log_sigmoid(logits) + (1 - targets) * at::log_sigmoid(-logits);
  return {.sum = -loss.sum(at::kDouble).item<double>() / classes,
          .right = all_right(logits, targets),
          .gradient = (logits.sigmoid() - targets) / (classes * static_cast<double>(share))};
}

Loss plain_loss(data::SingleLabel /*task*/, const Samples& samples, std::span<const std::size_t> which, const at::Tensor& logits) {
  return cross_entropy(logits, labels_of(samples, which), which.size());
}

Loss plain_loss(data::MultiLabel task, const Samples& samples, std::span<const std::size_t> which, const at::Tensor& logits) {
  return binary_cross_entropy(logits, targets_of(task, samples, which, logits.size(1)), which.size());
}

Loss plain_loss(const Samples& samples, std::span<const std::size_t> which, const at::Tensor& logits) {
  return std::visit([&](const auto& task) { return plain_loss(task, samples, which, logits); }, samples.task);
}

int64_t all_right(const at::Tensor& logits, const at::Tensor& targets) { return logits.ge(0).eq(targets.gt(0.5)).all(1).sum().item<int64_t>(); }

}  // namespace graft::train

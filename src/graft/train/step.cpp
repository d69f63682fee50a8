#include "graft/train/step.h"

#include <map>
#include <utility>
#include <vector>

#include "graft/graph/walks.h"
#include "graft/train/regularise.h"
#include "graft/train/sharpness.h"

namespace graft::train {

Step::Step(Executor& executor, const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config, const Samples& samples,
           const Ways& ways)
    : executor_(executor), config_(config), classes_(samples.classes(graph)), objective_(config, samples.labels, classes_, samples.targets) {
  std::vector<std::size_t> watched;
  if (config.delta > 0) watched = delta_.emplace(graph, plan, config, ways).nodes();
  if (config.bss > 0) watched.push_back(features_ = graph::head_input(graph));
  executor.watch(std::move(watched));
  if (samples.relation.classes > 0)
    relation_ = at::tensor(at::ArrayRef(samples.relation.shares), at::kFloat).view({classes_, static_cast<int64_t>(samples.relation.classes)});
}

Loss Step::operator()(const Batch& batch, uint64_t number, std::size_t share) {
  Loss loss = pass(batch, number, share);
  if (config_.sam > 0) with_climbed_weights(executor_, config_.sam, [&] { pass(batch, number, share); });
  return loss;
}

double Step::loss(const Batch& batch, uint64_t number) {
  const at::Tensor logits = executor_.forward(batch.inputs, {config_.seed, number}).narrow(1, 0, classes_);
  const auto samples = static_cast<std::size_t>(logits.size(0));
  return objective_(logits, batch, samples).sum / static_cast<double>(samples);
}

double Step::guessing(const Batch& batch) const {
  const auto samples = static_cast<std::size_t>(batch.targets.size(0));
  return objective_(at::zeros_like(batch.targets), batch, samples).sum / static_cast<double>(samples);
}

Loss Step::pass(const Batch& batch, uint64_t number, std::size_t share) {
  const at::Tensor out = executor_.forward(batch.inputs, {config_.seed, number}), logits = out.narrow(1, 0, classes_);
  Loss loss = objective_(logits, batch, share);
  const auto all = static_cast<double>(share), part = static_cast<double>(logits.size(0)) / all;
  std::map<std::size_t, at::Tensor> of_outputs;
  if (config_.bss > 0) add(of_outputs, features_, spectral_shrinkage(executor_.output(features_)).gradient * (config_.bss * part));
  if (delta_) delta_->pull(of_outputs, executor_, batch.inputs, config_.delta / all);
  at::Tensor gradient = loss.gradient;
  if (relation_.defined()) {
    const Penalty source = co_tuning(out.narrow(1, classes_, relation_.size(1)), weighed(batch.targets.mm(relation_), batch));
    gradient = at::cat({gradient, source.gradient * (config_.co_tuning / all)}, 1);
  }
  executor_.backward(gradient, of_outputs);
  return loss;
}

}  // namespace graft::train

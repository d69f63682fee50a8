#include "graft/train/step.h"

#include <utility>
#include <vector>

#include "graft/graph/walks.h"
#include "graft/train/regularise.h"
#include "graft/train/sharpness.h"
#include "graft/transfer/co_tuning.h"

namespace graft::train {

Step::Step(Executor& executor, const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config, const Samples& samples,
           const Ways& ways)
    : executor_(executor), config_(config), classes_(graph.output_dims()[0]), objective_(config, samples.labels, classes_, samples.targets) {
  graph::Graph watched = graph;
  if (config.delta > 0) delta_.emplace(watched, plan, config, ways);
  if (config.bss > 0) watched.name_output(graph::kFeatures, graph::head_input(graph));
  executor.set_outputs(std::move(watched.outputs));
  if (samples.relation.classes > 0)
    relation_ = at::tensor(at::ArrayRef(samples.relation.shares), at::kFloat).view({classes_, static_cast<int64_t>(samples.relation.classes)});
}

Loss Step::operator()(const Batch& batch, uint64_t number, std::size_t share) {
  Loss loss = pass(batch, number, share);
  if (config_.sam > 0) with_climbed_weights(executor_, config_.sam, [&] { pass(batch, number, share); });
  return loss;
}

double Step::loss(const Batch& batch, uint64_t number) {
  const at::Tensor logits = executor_.forward(batch.inputs, {config_.seed, number}).at(graph::kLogits);
  const auto samples = static_cast<std::size_t>(logits.size(0));
  return objective_(logits, batch, samples).sum / static_cast<double>(samples);
}

double Step::guessing(const Batch& batch) const {
  const auto samples = static_cast<std::size_t>(batch.targets.size(0));
  return objective_(at::zeros_like(batch.targets), batch, samples).sum / static_cast<double>(samples);
}

Loss Step::pass(const Batch& batch, uint64_t number, std::size_t share) {
  const Outputs out = executor_.forward(batch.inputs, {config_.seed, number});
  const at::Tensor& logits = out.at(graph::kLogits);
  Loss loss = objective_(logits, batch, share);
  const auto all = static_cast<double>(share), part = static_cast<double>(logits.size(0)) / all;
  Outputs gradients{{graph::kLogits, loss.gradient}};
  if (config_.bss > 0) gradients[graph::kFeatures] = spectral_shrinkage(out.at(graph::kFeatures)).gradient * (config_.bss * part);
  if (delta_) delta_->pull(gradients, executor_, out, batch.inputs, config_.delta / all);
  if (relation_.defined()) {
    const Penalty source = co_tuning(out.at(transfer::kSourceLogits), weighed(batch.targets.mm(relation_), batch));
    gradients[transfer::kSourceLogits] = source.gradient * (config_.co_tuning / all);
  }
  executor_.backward(gradients);
  return loss;
}

}  // namespace graft::train

#include "graft/train/loop/step.h"

#include <utility>

#include "graft/train/loop/sharpness.h"

namespace graft::train {

Step::Step(Executor& executor, const graph::Graph& graph, const TrainConfig& config, std::vector<Term> terms)
    : executor_(executor), config_(config), terms_(std::move(terms)) {
  graph::Graph looked_at = graph;
  for (const Term& term : terms_)
    if (term.prepare) term.prepare(looked_at);
  executor.set_outputs(std::move(looked_at.outputs));
}

StepLoss Step::operator()(const Batch& batch, uint64_t number, std::size_t share) {
  StepLoss loss = pass(batch, number, share);
  if (config_.sam > 0) with_climbed_weights(executor_, config_.sam, [&] { pass(batch, number, share); });
  return loss;
}

double Step::loss(const Batch& batch, uint64_t number) { return mean_fit(executor_.forward(batch.inputs, {config_.seed, number}), batch); }

double Step::guessing(const Batch& batch) const { return mean_fit({{graph::kLogits, at::zeros_like(batch.targets)}}, batch); }

double Step::mean_fit(const Outputs& outputs, const Batch& batch) const {
  const auto samples = static_cast<std::size_t>(batch.targets.size(0));
  double sum = 0;
  for (const Term& term : terms_)
    if (term.fits) sum += term(outputs, batch, samples).sum;
  return sum / static_cast<double>(samples);
}

StepLoss Step::pass(const Batch& batch, uint64_t number, std::size_t share) {
  const Outputs outputs = executor_.forward(batch.inputs, {config_.seed, number});
  const at::Tensor& logits = outputs.at(graph::kLogits);
  StepLoss loss{.right = right_of(logits, batch)};
  if (batch.each) {
    const at::Tensor each = -(batch.targets * at::log_softmax(logits, 1)).sum(1).contiguous();
    loss.each.assign(each.const_data_ptr<float>(), each.const_data_ptr<float>() + each.numel());
  }
  Outputs gradients;
  for (const Term& term : terms_) {
    const TermLoss of_term = term(outputs, batch, share);
    loss.terms.push_back(of_term.sum);
    if (term.fits) loss.sum += of_term.sum;
    for (const auto& [name, gradient] : of_term.gradients) {
      at::Tensor& sum = gradients[name];
      sum = sum.defined() ? sum + gradient : gradient;
    }
  }
  executor_.backward(gradients);
  return loss;
}

}  // namespace graft::train

#include "graft/train/loop/step.h"

#include <algorithm>
#include <utility>

#include "graft/train/loop/sharpness.h"
#include "graft/train/terms/learning_status.h"

namespace graft::train {
namespace {

/// By the parts' names the gradients by what in_parts() gave, as those by the outputs that these were parts of.
Outputs put_together(const Outputs& gradients, const Outputs& outputs, const Outputs& parts, std::size_t streams) {
  Outputs whole;
  for (const auto& [name, output] : outputs) {
    std::vector<std::string> names{name};
    for (std::size_t s = 0; s < streams; ++s) names.push_back(of_stream(name, s));
    if (std::ranges::none_of(names, [&](const std::string& part) { return gradients.contains(part); })) continue;
    std::vector<at::Tensor> all;
    for (const std::string& part : names) all.push_back(gradients.contains(part) ? gradients.at(part) : at::zeros_like(parts.at(part)));
    whole[name] = at::cat(all);
  }
  return whole;
}

}  // namespace

Step::Step(Executor& executor, const graph::Graph& graph, const TrainConfig& config, std::vector<Term> terms)
    : executor_(executor), config_(config), terms_(std::move(terms)) {
  graph::Graph looked_at = graph;
  for (const Term& term : terms_)
    if (term.prepare) term.prepare(looked_at);
  executor.set_outputs(std::move(looked_at.outputs));
  streams_ = std::ranges::any_of(terms_, &Term::streams);
}

std::vector<double> Step::learning_status() const {
  const auto counts = std::ranges::find_if(terms_, [](const Term& term) { return term.status != nullptr; });
  return counts == terms_.end() ? std::vector<double>() : counts->status->values();
}

void Step::restore(const std::vector<double>& learning_status) {
  for (const Term& term : terms_)
    if (term.status && !learning_status.empty()) term.status->restore(learning_status);
}

std::map<std::string, double> Step::end_epoch() {
  std::map<std::string, double> scores;
  for (const Term& term : terms_) {
    if (!term.status) continue;
    scores[kTaken] = term.status->taken();
    term.status->next_epoch();
  }
  return scores;
}

at::Tensor Step::inputs(const Batch& batch) const {
  if (!streams_) return batch.inputs;
  std::vector<at::Tensor> all{batch.inputs};
  all.insert(all.end(), batch.unlabelled.begin(), batch.unlabelled.end());
  return at::cat(all);
}

Outputs Step::in_parts(const Outputs& outputs, const Batch& batch) const {
  if (!streams_) return outputs;
  Outputs parts;
  for (const auto& [name, output] : outputs) {
    int64_t first = batch.inputs.size(0);
    parts[name] = output.narrow(0, 0, first);
    for (std::size_t s = 0; s < batch.unlabelled.size(); ++s) {
      const int64_t count = batch.unlabelled[s].size(0);
      parts[of_stream(name, s)] = output.narrow(0, first, count);
      first += count;
    }
  }
  return parts;
}

StepLoss Step::operator()(const Batch& batch, uint64_t number, std::size_t share) {
  StepLoss loss = pass(batch, number, share);
  if (config_.sam > 0) with_climbed_weights(executor_, config_.sam, [&] { pass(batch, number, share); });
  return loss;
}

double Step::loss(const Batch& batch, uint64_t number) {
  return mean_fit(in_parts(executor_.forward(inputs(batch), {config_.seed, number}), batch), batch);
}

double Step::guessing(const Batch& batch) const { return mean_fit({{graph::kLogits, at::zeros_like(batch.targets)}}, batch); }

double Step::mean_fit(const Outputs& outputs, const Batch& batch) const {
  const auto samples = static_cast<std::size_t>(batch.targets.size(0));
  double sum = 0;
  for (const Term& term : terms_)
    if (term.fits) sum += term(outputs, batch, samples).sum;
  return sum / static_cast<double>(samples);
}

StepLoss Step::pass(const Batch& batch, uint64_t number, std::size_t share) {
  const Outputs given = executor_.forward(inputs(batch), {config_.seed, number}), outputs = in_parts(given, batch);
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
  executor_.backward(streams_ ? put_together(gradients, given, outputs, batch.unlabelled.size()) : gradients);
  return loss;
}

}  // namespace graft::train

#include "graft/train/loop/pseudo_labels.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "graft/graph/walks.h"
#include "graft/train/terms/loss.h"

namespace graft::train {
namespace {

constexpr double kSmallest = 1e-8;  // of what a class's centre is divided by

at::Tensor of_length_one(const at::Tensor& rows) { return rows / rows.norm(2, {1}, true).clamp_min(std::numeric_limits<double>::min()); }

/// By sample the class with the nearest centre, of those that are there.
at::Tensor nearest(const at::Tensor& features, const at::Tensor& shares, const at::Tensor& there) {
  const at::Tensor centres = shares.t().mm(features) / (shares.sum(0).unsqueeze(1) + kSmallest);
  const at::Tensor cosine = features.mm(of_length_one(centres).t());
  return cosine.masked_fill(there.logical_not(), -std::numeric_limits<double>::infinity()).argmax(1);
}

}  // namespace

std::vector<int> pseudo_labels(const at::Tensor& features, const at::Tensor& logits) {
  const at::Tensor f = features.to(at::kDouble), p = at::softmax(logits.to(at::kDouble), 1);
  const at::Tensor unit = of_length_one(at::cat({f, at::ones({f.size(0), 1}, at::kDouble)}, 1));
  const at::Tensor there = one_hot_targets(p.argmax(1), p.size(1)).sum(0).gt(0);
  const at::Tensor first = nearest(unit, p, there);
  const at::Tensor labels = nearest(unit, one_hot_targets(first, p.size(1)).to(at::kDouble), there);
  return {labels.const_data_ptr<int64_t>(), labels.const_data_ptr<int64_t>() + labels.numel()};
}

std::vector<int> pseudo_labels(Executor& executor, const Samples& samples, int batch) {
  const std::vector<graph::Output> outputs = executor.graph().outputs;
  graph::Graph looked_at = executor.graph();
  looked_at.name_output(graph::kFeatures, graph::head_input(looked_at));
  executor.set_outputs(looked_at.outputs);
  executor.set_modes(std::vector<StageMode>(executor.graph().stages.size()));
  std::vector<std::size_t> all(samples.labels.size());
  std::iota(all.begin(), all.end(), 0);
  std::vector<at::Tensor> features, logits;
  const auto most = static_cast<std::size_t>(batch);
  for (std::size_t first = 0; first < all.size(); first += most) {
    const auto which = std::span(all).subspan(first, std::min(most, all.size() - first));
    const Outputs given = executor.forward(inputs_of(executor.graph(), samples.fill, 0, which), {});
    features.push_back(given.at(graph::kFeatures));
    logits.push_back(given.at(graph::kLogits));
  }
  executor.set_outputs(outputs);
  return pseudo_labels(at::cat(features), at::cat(logits));
}

}  // namespace graft::train

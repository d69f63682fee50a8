#include "graft/train/regularise.h"

#include <tuple>

namespace graft::train {

std::vector<transfer::ParamGroup> groups_of(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config) {
  std::vector<transfer::ParamGroup> groups = transfer::groups(graph, plan);
  const auto head = static_cast<int>(plan.stages.size()) - 1;
  for (transfer::ParamGroup& group : groups)
    if (config.l2_sp > 0 && group.stage != head) group.weight_decay = 0;
  return groups;
}

void pull_to_source(Executor& executor, const graph::Graph& source, double strength) {
  const auto head = static_cast<int>(source.stages.size()) - 1;
  for (std::size_t p = 0; p < executor.gradients.size(); ++p) {
    const graph::Parameter& from = source.parameters[p];
    at::Tensor& gradient = executor.gradients[p];
    if (from.stage == head || !gradient.defined()) continue;
    gradient = gradient.add(executor.values[p], strength);
    if (from.tensor.empty()) continue;                                                                           // zeros
    const at::Tensor w0 = at::from_blob(const_cast<float*>(from.tensor.values.data()), from.shape, at::kFloat);  // only read
    gradient.sub_(w0, strength);
  }
}

Penalty spectral_shrinkage(const at::Tensor& features) {
  const at::Tensor f = features.to(at::kDouble);
  const bool wide = f.size(0) <= f.size(1);  // the smaller of both products has every singular value
  const auto [squares, vectors] = at::linalg_eigh(wide ? f.mm(f.t()) : f.t().mm(f));
  const at::Tensor v = vectors.select(1, 0).unsqueeze(1);  // of the smallest
  const at::Tensor gradient = wide ? v.mm(v.t().mm(f)) : f.mm(v).mm(v.t());
  return {squares[0].item<double>(), (2 * gradient).to(at::kFloat)};
}

Penalty co_tuning(const at::Tensor& logits, const at::Tensor& t) {
  const at::Tensor log_p = at::log_softmax(logits, 1);
  return {-(t * log_p).sum(at::kDouble).item<double>(), log_p.exp() * t.sum(1, true) - t};
}

}  // namespace graft::train

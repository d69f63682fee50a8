#include "graft/train/loop/update.h"

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

Update::Update(Executor& executor, const graph::Graph& source, const transfer::Plan& plan, const TrainConfig& config)
    : executor_(executor), source_(source), config_(config), optimiser_(config, groups_of(source, plan, config), executor) {}

void Update::operator()(double lr, int epoch) {
  if (config_.l2_sp > 0) pull_to_source(executor_, source_, config_.l2_sp);
  optimiser_.step(lr, epoch, optimiser_.clipping(epoch));
}

}  // namespace graft::train

#include "graft/train/loop/update.h"

#include "graft/base/error.h"
#include "graft/graph/bottleneck.h"

namespace graft::train {
namespace {

/// Of a rival's parameter in a checkpoint.
std::string name_of(const Executor& rival, std::size_t parameter) { return "rival." + rival.graph().parameters[parameter].name; }

}  // namespace

std::vector<transfer::ParamGroup> groups_of(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config) {
  std::vector<transfer::ParamGroup> groups = transfer::groups(graph, plan);
  for (transfer::ParamGroup& group : groups)
    if (config.l2_sp > 0 && group.stage < graph::first_new_stage(graph)) group.weight_decay = 0;
  return groups;
}

void pull_to_source(Executor& executor, const graph::Graph& source, double strength) {
  const int head = graph::first_new_stage(source);
  for (std::size_t p = 0; p < executor.gradients.size(); ++p) {
    const graph::Parameter& from = source.parameters[p];
    at::Tensor& gradient = executor.gradients[p];
    if (from.stage >= head || !gradient.defined()) continue;
    gradient = gradient.add(executor.values[p], strength);
    if (from.tensor.empty()) continue;                                                                           // zeros
    const at::Tensor w0 = at::from_blob(const_cast<float*>(from.tensor.values.data()), from.shape, at::kFloat);  // only read
    gradient.sub_(w0, strength);
  }
}

Update::Update(Executor& executor, const graph::Graph& source, const transfer::Plan& plan, const TrainConfig& config)
    : executor_(executor),
      source_(source),
      config_(config),
      strategy_(plan.strategy),
      optimiser_(config, groups_of(source, plan, config), executor) {}

void Update::take_in(const std::vector<Term>& terms) {
  for (const Term& term : terms) {
    if (!term.rival) continue;
    transfer::Plan all{.strategy = strategy_};
    for (const std::string& stage : term.rival->graph().stages) all.stages.push_back({.name = stage, .trains = true, .lr_scale = strategy_.head_lr});
    rivals_.push_back({*term.rival, Optimiser(config_, transfer::groups(term.rival->graph(), all), *term.rival)});
  }
}

void Update::operator()(double lr, int epoch) {
  if (config_.l2_sp > 0) pull_to_source(executor_, source_, config_.l2_sp);
  optimiser_.step(lr, epoch, optimiser_.clipping(epoch));
  for (Rival& rival : rivals_) rival.optimiser.step(lr, epoch, rival.optimiser.clipping(epoch));
}

std::map<std::string, at::Tensor> Update::state() const {
  std::map<std::string, at::Tensor> state = optimiser_.state();
  for (const Rival& rival : rivals_) {
    state.merge(rival.optimiser.state());
    for (std::size_t p = 0; p < rival.executor.values.size(); ++p) state[name_of(rival.executor, p)] = rival.executor.values[p];
  }
  return state;
}

void Update::restore(const std::map<std::string, at::Tensor>& state, const std::string& source) {
  optimiser_.restore(state, source);
  for (Rival& rival : rivals_) {
    rival.optimiser.restore(state, source);
    for (std::size_t p = 0; p < rival.executor.values.size(); ++p) {
      const auto found = state.find(name_of(rival.executor, p));
      if (found == state.end() || found->second.sizes() != rival.executor.values[p].sizes())
        throw data_error(source, "lacks " + name_of(rival.executor, p) + " as this training needs it",
                         "it belongs to another training, or was changed");
      rival.executor.values[p].copy_(found->second);
    }
  }
}

}  // namespace graft::train

#include "graft/transfer/groups.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace graft::transfer {

bool without_decay(const graph::Parameter& parameter) {
  if (parameter.shape.size() <= 1) return true;
  constexpr std::array<std::string_view, 5> kNames{"pos_embedding", "pos_embed", "class_token", "cls_token", "layer_scale"};
  const std::string_view path = parameter.name;
  const std::string_view last = path.substr(path.rfind('.') + 1);
  return std::find(kNames.begin(), kNames.end(), last) != kNames.end();
}

std::vector<ParameterPlan> parameter_plans(const graph::Graph& graph, const Plan& plan) {
  std::vector<ParameterPlan> plans;
  for (const graph::Parameter& p : graph.parameters) {
    const StagePlan& stage = plan.stages[static_cast<std::size_t>(p.stage)];
    if (p.buffer) {
      plans.push_back({.why = stage.batch_norm_live ? "running statistic, live" : "running statistic, fixed"});
    } else if (!stage.trains) {
      plans.push_back({.why = stage.name + " is frozen"});
    } else {
      const bool spared = without_decay(p) && !plan.strategy.decay_norms;
      plans.push_back({.trains = true,
                       .lr_scale = stage.lr_scale,
                       .weight_decay = spared ? 0 : plan.strategy.weight_decay,
                       .unfreezes_at = stage.unfreezes_at,
                       .why = spared ? "norm, bias or scale: no decay" : "weight"});
    }
  }
  return plans;
}

std::vector<ParamGroup> groups(const graph::Graph& graph, const Plan& plan) {
  const std::vector<ParameterPlan> plans = parameter_plans(graph, plan);
  std::vector<ParamGroup> groups;
  for (int stage = plan.first_trainable; stage < static_cast<int>(plan.stages.size()); ++stage) {
    const StagePlan& s = plan.stages[static_cast<std::size_t>(stage)];
    ParamGroup with{s.lr_scale, plan.strategy.weight_decay, {}, stage, s.unfreezes_at, s.name};
    ParamGroup without{s.lr_scale, 0, {}, stage, s.unfreezes_at, s.name + " without decay"};
    for (std::size_t i = 0; i < plans.size(); ++i)
      if (plans[i].trains && graph.parameters[i].stage == stage)
        (plans[i].weight_decay == with.weight_decay ? with : without).parameters.push_back(static_cast<int>(i));
    for (ParamGroup* group : {&with, &without})
      if (!group->parameters.empty()) groups.push_back(std::move(*group));
  }
  return groups;
}

}  // namespace graft::transfer

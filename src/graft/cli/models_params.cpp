#include "graft/cli/models_params.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <algorithm>

#include "graft/base/text.h"
#include "graft/graph/walks.h"
#include "graft/transfer/groups.h"

namespace graft::cli {
namespace {

using transfer::ParameterPlan;
using transfer::Plan;
using transfer::StagePlan;

/// "trains", "from epoch 2", "frozen"; of a running statistic "live", "live from 2", "fixed".
std::string state_of(const graph::Parameter& p, const ParameterPlan& planned, const StagePlan& stage) {
  if (p.buffer && !stage.batch_norm_live) return "fixed";
  if (p.buffer) return stage.unfreezes_at == 0 ? "live" : fmt::format("live from {}", stage.unfreezes_at);
  if (!planned.trains) return "frozen";
  return planned.unfreezes_at == 0 ? "trains" : fmt::format("from epoch {}", planned.unfreezes_at);
}

int64_t trained_count(const graph::Graph& graph, const std::vector<ParameterPlan>& plans) {
  int64_t count = 0;
  for (std::size_t i = 0; i < plans.size(); ++i)
    if (plans[i].trains) count += graph::element_count(graph.parameters[i].shape);
  return count;
}

std::string table(const graph::Graph& graph, const Plan& plan, const std::vector<ParameterPlan>& plans) {
  std::size_t name = 4, shape = 5, stage = 5;
  for (const graph::Parameter& p : graph.parameters) {
    name = std::max(name, p.name.size());
    shape = std::max(shape, graph::to_string(p.shape).size());
    stage = std::max(stage, graph.stages[static_cast<std::size_t>(p.stage)].size());
  }
  std::string text =
      fmt::format("{:<{}}  {:<{}}  {:<{}}  {:<13} {:>8} {:>8}\n", "name", name, "shape", shape, "stage", stage, "state", "lr scale", "decay");
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const graph::Parameter& p = graph.parameters[i];
    const StagePlan& s = plan.stages[static_cast<std::size_t>(p.stage)];
    const bool trains = plans[i].trains;
    text += fmt::format("{:<{}}  {:<{}}  {:<{}}  {:<13} {:>8} {:>8}\n", p.name, name, graph::to_string(p.shape), shape, s.name, stage,
                        state_of(p, plans[i], s), trains ? fmt::format("{:.4g}", plans[i].lr_scale) : "-",
                        trains ? fmt::format("{:.4g}", plans[i].weight_decay) : "-");
  }
  return text;
}

nlohmann::ordered_json to_json(const graph::Graph& graph, const Plan& plan, const std::vector<ParameterPlan>& plans) {
  nlohmann::ordered_json json{{"name", graph.name},
                              {"strategy", to_string(plan.strategy.kind)},
                              {"first_trainable", plan.stages[static_cast<std::size_t>(plan.first_trainable)].name},
                              {"parameter_count", graph::parameter_count(graph)},
                              {"trained_count", trained_count(graph, plans)},
                              {"stages", nlohmann::ordered_json::array()},
                              {"parameters", nlohmann::ordered_json::array()},
                              {"groups", nlohmann::ordered_json::array()}};
  for (const StagePlan& s : plan.stages)
    json["stages"].push_back(
        {{"name", s.name}, {"trains", s.trains}, {"unfreezes_at", s.unfreezes_at}, {"batch_norm_live", s.batch_norm_live}, {"lr_scale", s.lr_scale}});
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const graph::Parameter& p = graph.parameters[i];
    const StagePlan& s = plan.stages[static_cast<std::size_t>(p.stage)];
    json["parameters"].push_back({{"name", p.name},
                                  {"shape", p.shape},
                                  {"stage", s.name},
                                  {"state", state_of(p, plans[i], s)},
                                  {"trains", plans[i].trains},
                                  {"lr_scale", plans[i].lr_scale},
                                  {"weight_decay", plans[i].weight_decay},
                                  {"why", plans[i].why}});
  }
  for (const transfer::ParamGroup& g : transfer::groups(graph, plan))
    json["groups"].push_back({{"name", g.name}, {"lr_scale", g.lr_scale}, {"weight_decay", g.weight_decay}, {"parameters", g.parameters.size()}});
  return json;
}

}  // namespace

std::string params_sentence(const graph::Graph& graph, const Plan& plan) {
  std::vector<std::string> stages;
  for (const StagePlan& s : plan.stages)
    if (s.trains) stages.push_back(s.name);
  return fmt::format("{}: trains {} of {} parameters in {}\n", to_string(plan.strategy.kind),
                     with_commas(trained_count(graph, transfer::parameter_plans(graph, plan))), with_commas(graph::parameter_count(graph)),
                     fmt::join(stages, ", "));
}

std::string params_table(const graph::Graph& graph, const Plan& plan) {
  return table(graph, plan, transfer::parameter_plans(graph, plan)) + "\n" + params_sentence(graph, plan);
}
nlohmann::ordered_json params_json(const graph::Graph& graph, const Plan& plan) {
  return to_json(graph, plan, transfer::parameter_plans(graph, plan));
}

void print_params(const graph::Graph& graph, const transfer::Strategy& strategy, const OutputOptions& output) {
  const Plan plan = transfer::plan(graph, strategy);
  print(output.json ? params_json(graph, plan).dump(2) + "\n" : params_table(graph, plan));
}

}  // namespace graft::cli

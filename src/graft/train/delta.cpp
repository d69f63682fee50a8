#include "graft/train/delta.h"

#include <algorithm>

#include "graft/train/loss.h"

namespace graft::train {
namespace {

constexpr std::size_t kStages = 4;

/// The stage's last node of most dimensions. Dropout is not compared: it would be a distance of its own.
std::optional<std::size_t> output_of(const graph::Graph& graph, int stage) {
  std::optional<std::size_t> last;
  for (std::size_t i = 1; i < graph.nodes.size(); ++i) {
    const graph::Node& node = graph.nodes[i];
    if (node.stage != stage || std::holds_alternative<graph::Dropout>(node.op)) continue;
    if (!last || (node.dims.size() > 1) >= (graph.nodes[*last].dims.size() > 1)) last = i;
  }
  return last;
}

std::vector<graph::Output> named_maps(const graph::Graph& graph, const transfer::Plan& plan) {
  std::vector<graph::Output> maps;
  for (const std::size_t node : compared_nodes(graph, plan))
    maps.push_back({"map." + graph.stages[static_cast<std::size_t>(graph.nodes[node].stage)], static_cast<int>(node)});
  return maps;
}

}  // namespace

Penalty map_distance(const at::Tensor& ours, const at::Tensor& source) {
  const at::Tensor difference = ours - source;
  const auto places = static_cast<double>(difference.numel() / difference.size(0) / difference.size(-1));
  return {0.5 * difference.square().sum(at::kDouble).item<double>() / places, difference / places};
}

std::vector<std::size_t> compared_nodes(const graph::Graph& graph, const transfer::Plan& plan) {
  std::vector<std::size_t> nodes;
  for (std::size_t stage = plan.stages.size() - 1; stage-- > 0 && nodes.size() < kStages;)
    if (plan.stages[stage].trains)
      if (const auto node = output_of(graph, static_cast<int>(stage))) nodes.insert(nodes.begin(), *node);
  return nodes;
}

Delta::Delta(graph::Graph& source, const transfer::Plan& plan, const TrainConfig& config, const Ways& ways)
    : maps_(named_maps(source, plan)), source_(source, type_of(config.storage)) {
  source_.set_ways(ways);
  source_.set_outputs(maps_);
  for (const graph::Output& map : maps_) source.name_output(map.name, static_cast<std::size_t>(map.node));
}

void Delta::pull(Outputs& gradients, const Executor& executor, const Outputs& ours, const at::Tensor& inputs, double strength) {
  const Outputs theirs = source_.forward(inputs, {});
  for (const auto& [name, map] : theirs)
    if (executor.depends(name)) gradients[name] = map_distance(ours.at(name), map).gradient * strength;
}

}  // namespace graft::train

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

Delta::Delta(const graph::Graph& source, const transfer::Plan& plan, const TrainConfig& config, const Ways& ways)
    : source_(source, type_of(config.storage)), nodes_(compared_nodes(source, plan)) {
  source_.set_ways(ways);
  source_.watch(nodes_);
}

void Delta::pull(std::map<std::size_t, at::Tensor>& of_outputs, Executor& executor, const at::Tensor& inputs, double strength) {
  source_.forward(inputs, {});
  for (const std::size_t node : nodes_)
    if (executor.depends(node)) add(of_outputs, node, map_distance(executor.output(node), source_.output(node)).gradient * strength);
}

}  // namespace graft::train

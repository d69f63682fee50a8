#include "graft/train/terms/delta.h"

#include <memory>
#include <optional>

#include "graft/graph/bottleneck.h"
#include "graft/train/terms/term.h"

namespace graft::train {
namespace {

constexpr std::size_t kStages = 4;

/// The stage's last node of most dimensions. Dropout is not compared: it would be a distance of its own.
std::optional<std::size_t> map_of(const graph::Graph& graph, int stage) {
  std::optional<std::size_t> last;
  for (std::size_t i = 1; i < graph.nodes.size(); ++i) {
    const graph::Node& node = graph.nodes[i];
    if (node.stage != stage || std::holds_alternative<graph::Dropout>(node.op)) continue;
    if (!last || (node.dims.size() > 1) >= (graph.nodes[*last].dims.size() > 1)) last = i;
  }
  return last;
}

}  // namespace

MapDistance map_distance(const at::Tensor& ours, const at::Tensor& source) {
  const at::Tensor difference = ours - source;
  const auto places = static_cast<double>(difference.numel() / difference.size(0) / difference.size(-1));
  return {0.5 * difference.square().sum(at::kDouble).item<double>() / places, difference / places};
}

std::vector<graph::Output> compared_maps(const graph::Graph& graph, const transfer::Plan& plan) {
  std::vector<graph::Output> maps;
  for (auto stage = static_cast<std::size_t>(graph::first_new_stage(graph)); stage-- > 0 && maps.size() < kStages;)
    if (plan.stages[stage].trains)
      if (const auto node = map_of(graph, static_cast<int>(stage)))
        maps.insert(maps.begin(), {"map." + graph.stages[stage], static_cast<int>(*node)});
  return maps;
}

/// The pretrained network runs beside the one that trains.
std::optional<Term> delta_term(const Training& training) {
  const double strength = training.config.delta;
  if (strength <= 0) return std::nullopt;
  const std::vector<graph::Output> maps = compared_maps(training.graph, training.plan);
  const auto source = std::make_shared<Executor>(training.graph, type_of(training.config.storage));
  source->set_conv_algorithms(training.algorithms);
  source->set_outputs(maps);
  const auto loss = [source, strength](const Outputs& outputs, const Batch& batch, std::size_t share) {
    TermLoss all;
    for (const auto& [name, map] : source->forward(batch.inputs, {})) {
      const MapDistance distance = map_distance(outputs.at(name), map);
      all.sum += strength * distance.value;
      all.gradients[name] = distance.gradient * (strength / static_cast<double>(share));
    }
    return all;
  };
  return Term{.name = "delta",
              .prepare =
                  [maps](graph::Graph& graph) {
                    for (const graph::Output& map : maps) graph.name_output(map.name, static_cast<std::size_t>(map.node));
                  },
              .loss = loss};
}

}  // namespace graft::train

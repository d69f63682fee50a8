#include "graft/explain/linear_end.h"

#include <fmt/format.h>

#include "graft/graph/walks.h"

namespace graft::explain {
namespace {

using graph::Node;

class Walk {
 public:
  explicit Walk(const graph::Graph& graph) : graph_(graph) {}

  std::vector<LinearMap> maps;
  std::string why_not;

  /// What the layer reads from `first` on is this value, a vector.
  bool read(int at, std::size_t first) {
    const Node& node = this->node(at);
    if (std::holds_alternative<graph::Dropout>(node.op)) return read(node.inputs[0], first);
    if (std::holds_alternative<graph::Concat>(node.op)) {
      for (const int part : node.inputs) {
        if (!read(part, first)) return false;
        first += static_cast<std::size_t>(graph::element_count(this->node(part).dims));
      }
      return true;
    }
    if (std::holds_alternative<graph::Flatten>(node.op)) {
      const Node& from = this->node(node.inputs[0]);
      if (from.dims.size() == 3 && from.dims[1] * from.dims[2] > 1) return take(node.inputs[0], first, false);
      return read(node.inputs[0], first);  // (C, 1, 1) or a vector
    }
    if (std::holds_alternative<graph::GlobalAveragePool>(node.op)) return take(node.inputs[0], first, true);
    if (const auto* pool = std::get_if<graph::AveragePool>(&node.op)) {
      const graph::Dims& from = this->node(node.inputs[0]).dims;
      if (pool->kernel == from[1] && pool->kernel == from[2] && pool->padding == 0) return take(node.inputs[0], first, true);
    }
    why_not = "between the last feature map and the answer there is a layer that is not linear, or that sees only one of many tokens";
    return false;
  }

 private:
  const Node& node(int at) const { return graph_.nodes[static_cast<std::size_t>(at)]; }

  bool take(int at, std::size_t first, bool averaged) {
    const graph::Dims& dims = node(at).dims;
    if (dims.size() == 3) {
      maps.push_back({at, dims, first, averaged});
      return true;
    }
    why_not = "it averages tokens that are not positions of the picture";
    return false;
  }

  const graph::Graph& graph_;
};

}  // namespace

std::optional<LinearEnd> linear_end(const graph::Graph& graph, std::string& why_not) {
  std::size_t last = graph.output();
  while (std::holds_alternative<graph::Dropout>(graph.nodes[last].op)) last = static_cast<std::size_t>(graph.nodes[last].inputs[0]);
  LinearEnd end;
  const bool layer = std::holds_alternative<graph::Linear>(graph.nodes[last].op);
  if (layer) end.layer = last;
  Walk walk(graph);
  if (!walk.read(layer ? graph.nodes[last].inputs[0] : static_cast<int>(last), 0)) {
    why_not = walk.why_not;
    return std::nullopt;
  }
  end.maps = std::move(walk.maps);
  return end;
}

}  // namespace graft::explain

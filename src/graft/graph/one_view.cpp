#include "graft/graph/one_view.h"

#include <variant>
#include <vector>

namespace graft::graph {

Graph one_view(const Graph& graph) {
  Graph result = graph;
  result.nodes.clear();
  std::vector<int> now;  // by node: where its value is
  for (Node node : graph.nodes) {
    for (int& input : node.inputs) input = now[static_cast<std::size_t>(input)];
    const bool gone = std::holds_alternative<MirrorViews>(node.op) || std::holds_alternative<MeanOfViews>(node.op);
    now.push_back(gone ? node.inputs[0] : static_cast<int>(result.nodes.size()));
    if (!gone) result.nodes.push_back(std::move(node));
  }
  for (Output& output : result.outputs) output.node = now[static_cast<std::size_t>(output.node)];
  return result;
}

}  // namespace graft::graph

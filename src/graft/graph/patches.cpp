#include "graft/graph/patches.h"

#include <algorithm>
#include <variant>

#include "graft/base/error.h"
#include "graft/graph/walks.h"

namespace graft::graph {
namespace {

/// The node before, if that is the only one it reads.
std::size_t before(const Graph& graph, std::size_t node) {
  const std::vector<int>& inputs = graph.nodes[node].inputs;
  return inputs.size() == 1 ? static_cast<std::size_t>(inputs[0]) : 0;
}

template <class Op>
const Op* is(const Graph& graph, std::size_t node) {
  return std::get_if<Op>(&graph.nodes[node].op);
}

}  // namespace

Patches patches_of(const Graph& graph) {
  const auto none = [&] { return usage_error(graph.name, "is no vision transformer: its picture is not cut into patches"); };
  const auto positions = std::ranges::find_if(graph.nodes, [](const Node& n) { return std::holds_alternative<PositionEmbedding>(n.op); });
  if (positions == graph.nodes.end()) throw none();
  Patches found{.embedded = static_cast<std::size_t>(positions - graph.nodes.begin()), .last = graph.output(), .before = 0};
  std::size_t node = before(graph, found.embedded);
  if (is<ClassToken>(graph, node)) {
    found.before = 1;
    node = before(graph, node);
  }
  if (!is<Tokens>(graph, node)) throw none();
  node = before(graph, node);
  const auto* conv = is<Conv2d>(graph, node);
  if (!conv || conv->kernel != conv->stride || conv->kernel_width() != conv->stride || conv->pad_height() != 0 || before(graph, node) != 0)
    throw none();
  found.side = conv->kernel;
  found.rows = graph.nodes[node].dims[1];
  found.columns = graph.nodes[node].dims[2];
  while (found.last > found.embedded && graph.nodes[found.last].dims.size() != 2) found.last = before(graph, found.last);
  if (found.last <= found.embedded) throw none();
  return found;
}

Graph with_tokens(Graph graph, int64_t tokens) {
  graph.nodes.front().dims[0] = tokens;
  for (std::size_t i = 1; i < graph.nodes.size(); ++i) {
    std::vector<Dims> inputs;
    for (const int from : graph.nodes[i].inputs) inputs.push_back(graph.nodes[static_cast<std::size_t>(from)].dims);
    graph.nodes[i].dims = infer(graph.nodes[i].op, inputs);
  }
  return graph;
}

}  // namespace graft::graph

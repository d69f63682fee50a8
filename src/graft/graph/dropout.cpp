#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "graft/base/error.h"
#include "graft/graph/walks.h"

namespace graft::graph {
namespace {

/// By node: the longest way from the input, in nodes. Of the two values that an Add joins the longer one is the residual branch.
std::vector<int> depths(const Graph& graph) {
  std::vector<int> depth(graph.nodes.size());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i)
    for (const int from : graph.nodes[i].inputs) depth[i] = std::max(depth[i], depth[static_cast<std::size_t>(from)] + 1);
  return depth;
}

/// By node: what reads it, and through which input.
struct Place {
  std::size_t reader, input;
};

/// The graph with a Dropout in front of each of these inputs.
Graph with_nodes(const Graph& graph, const std::vector<std::pair<Place, Node>>& added) {
  Graph result = graph;
  result.nodes.clear();
  std::vector<int> now;  // by old node
  auto next = added.begin();
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    Node node = graph.nodes[i];
    for (int& from : node.inputs) from = now[static_cast<std::size_t>(from)];
    for (; next != added.end() && next->first.reader == i; ++next) {
      int& input = node.inputs[next->first.input];
      result.nodes.push_back(next->second);
      result.nodes.back().inputs = {input};
      input = static_cast<int>(result.nodes.size()) - 1;
    }
    now.push_back(static_cast<int>(result.nodes.size()));
    result.nodes.push_back(std::move(node));
  }
  for (Output& output : result.outputs) output.node = now[static_cast<std::size_t>(output.node)];
  return result;
}

}  // namespace

std::size_t head_input(const Graph& graph) {
  const auto head = static_cast<int>(graph.stages.size()) - 1;
  const auto layer = std::ranges::find_if(graph.nodes, [&](const Node& n) { return n.stage == head && std::holds_alternative<Linear>(n.op); });
  return static_cast<std::size_t>(layer->inputs[0]);
}

Graph with_dropout(const Graph& graph, std::optional<double> probability) {
  if (!probability) return graph;
  Graph result = graph;
  for (Node& node : result.nodes)
    if (auto* dropout = std::get_if<Dropout>(&node.op); dropout != nullptr && !dropout->whole) dropout->probability = *probability;
  const std::size_t last = graph.output();
  const Node& head = graph.nodes[last];
  const auto from = static_cast<std::size_t>(head.inputs[0]);
  if (!std::holds_alternative<Dropout>(graph.nodes[from].op))
    return with_nodes(result, {{{last, 0}, {Dropout{*probability}, {}, {}, graph.nodes[from].dims, head.stage}}});
  for (std::size_t i = from; i < last; ++i) result.nodes[i].stage = head.stage;  // it goes by whether the head trains
  return result;
}

Graph with_stochastic_depth(const Graph& graph, std::optional<double> most) {
  if (!most) return graph;
  const std::vector<int> depth = depths(graph);
  std::vector<std::pair<Place, Node>> added;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    if (!std::holds_alternative<Add>(node.op)) continue;
    const auto deep = [&](std::size_t input) { return depth[static_cast<std::size_t>(node.inputs[input])]; };
    if (deep(0) == deep(1)) continue;  // two ways alike: neither is the shortcut
    added.push_back({{i, deep(0) > deep(1) ? 0U : 1U}, {Dropout{0, true}, {}, {}, node.dims, node.stage}});
  }
  if (added.empty())
    throw usage_error(fmt::format("--stochastic-depth {:g}", *most), graph.name + " has no residual blocks that could be skipped",
                      "choose --dropout, or a network with residual blocks");
  const auto count = static_cast<double>(added.size());
  for (std::size_t k = 0; k < added.size(); ++k)
    std::get<Dropout>(added[k].second.op).probability = count > 1 ? *most * static_cast<double>(k) / (count - 1) : *most;
  return with_nodes(graph, added);
}

}  // namespace graft::graph

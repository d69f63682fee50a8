#include "graft/explain/last_maps.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace graft::explain {
namespace {

using graph::Graph;
using graph::Node;

std::size_t number(int node) { return static_cast<std::size_t>(node); }
bool has_places(const Node& node) { return node.dims.size() == 3 && node.dims[1] * node.dims[2] > 1; }

/// A value and who reads it.
struct Reading {
  std::size_t value, reader;
};

/// Maps read by what has no map behind it on any way to the answer.
std::vector<Reading> last_readings(const Graph& graph) {
  const std::size_t count = graph.nodes.size();
  std::vector<bool> answers(count), before_map(count);  // the answer depends on it; and a map depends on it that the answer depends on
  answers[graph.output()] = true;
  std::vector<Reading> readings;
  for (std::size_t i = count; i-- > 1;) {
    if (!answers[i]) continue;
    for (const int from : graph.nodes[i].inputs) {
      const std::size_t value = number(from);
      answers[value] = true;
      if (has_places(graph.nodes[i]) || before_map[i]) before_map[value] = true;
      else if (value > 0 && has_places(graph.nodes[value])) readings.push_back({value, i});
    }
  }
  std::ranges::reverse(readings);
  return readings;
}

/// The graph with a node that does nothing between each value and its reader; gives those nodes.
Graph with_stops(const Graph& graph, const std::vector<Reading>& readings, std::vector<std::size_t>& stops) {
  Graph out = graph;
  out.outputs = {graph.named_outputs().front()};
  out.nodes.clear();
  std::vector<int> now(graph.nodes.size());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    Node node = graph.nodes[i];
    for (int& from : node.inputs) {
      const bool stop = std::ranges::any_of(readings, [&](const Reading& r) { return r.reader == i && r.value == number(from); });
      from = now[number(from)];
      if (!stop) continue;
      const Node& value = out.nodes[number(from)];
      stops.push_back(out.nodes.size());
      out.nodes.push_back({graph::Dropout{.probability = 0}, {from}, {}, value.dims, value.stage});
      from = static_cast<int>(stops.back());
    }
    now[i] = static_cast<int>(out.nodes.size());
    out.nodes.push_back(std::move(node));
  }
  out.outputs.front().node = now[number(out.outputs.front().node)];
  return out;
}

/// The tokens, usually normalised, that the last attention has its queries, keys and values of.
std::optional<std::size_t> last_attended(const Graph& graph) {
  for (std::size_t i = graph.nodes.size(); i-- > 1;) {
    if (!std::holds_alternative<graph::Attention>(graph.nodes[i].op)) continue;
    const std::size_t joint = number(graph.nodes[i].inputs[0]);
    if (std::holds_alternative<graph::Linear>(graph.nodes[joint].op)) return number(graph.nodes[joint].inputs[0]);
  }
  return std::nullopt;
}

}  // namespace

std::optional<LastMaps> last_maps(const Graph& graph, std::string& why_not) {
  const std::vector<Reading> readings = last_readings(graph);
  LastMaps found;
  const auto read_as_tokens =
      std::ranges::find_if(readings, [&](const Reading& r) { return std::holds_alternative<graph::Tokens>(graph.nodes[r.reader].op); });
  if (read_as_tokens != readings.end()) {
    const Node& picture = graph.nodes[read_as_tokens->value];
    const std::optional<std::size_t> tokens = last_attended(graph);
    if (!tokens || graph.nodes[*tokens].dims[0] < picture.dims[1] * picture.dims[2]) {
      why_not = "its positions become tokens that no attention reads";
      return std::nullopt;
    }
    const graph::Dims& dims = graph.nodes[*tokens].dims;
    found.graph = graph;
    found.graph.outputs = {graph.named_outputs().front()};
    found.graph.name_output("tokens", *tokens);
    found.maps.push_back({"tokens", static_cast<int>(picture.dims[1]), static_cast<int>(picture.dims[2]), static_cast<std::size_t>(dims[1]),
                          static_cast<std::size_t>(dims[0] - picture.dims[1] * picture.dims[2])});
    return found;
  }
  std::vector<std::size_t> stops;
  found.graph = with_stops(graph, readings, stops);
  for (const std::size_t stop : stops) {
    const std::string name = "map" + std::to_string(found.maps.size());
    const graph::Dims& dims = found.graph.nodes[stop].dims;
    found.graph.name_output(name, stop);
    found.maps.push_back({name, static_cast<int>(dims[1]), static_cast<int>(dims[2]), static_cast<std::size_t>(dims[0]), 0});
  }
  if (found.maps.empty()) why_not = "no value before its answer has positions";
  return found.maps.empty() ? std::nullopt : std::optional(std::move(found));
}

}  // namespace graft::explain

#include "graft/explain/places.h"

#include <algorithm>
#include <vector>

namespace graft::explain {
namespace {

template <class Op>
bool is(const graph::Node& node) {
  return std::holds_alternative<Op>(node.op);
}

}  // namespace

std::optional<Places> token_places(const graph::Graph& graph, int64_t tokens) {
  std::optional<Places> places;
  for (const graph::Node& node : graph.nodes) {
    if (!is<graph::Tokens>(node)) continue;
    if (places) return std::nullopt;
    const graph::Dims& picture = graph.nodes[static_cast<std::size_t>(node.inputs[0])].dims;
    if (picture[1] * picture[2] > tokens) return std::nullopt;
    places = Places{.height = static_cast<int>(picture[1]),
                    .width = static_cast<int>(picture[2]),
                    .extra = static_cast<int>(tokens - picture[1] * picture[2]),
                    .tokens = true};
  }
  return places;
}

std::optional<Places> last_places(const graph::Graph& graph, std::string& why_not) {
  const std::size_t output = graph.output();
  auto lowest = static_cast<int>(output);  // that a node behind `at` reads
  int attentions = 0;                      // behind `at`
  bool gathers = false;
  for (std::size_t at = output; at-- > 1;) {
    const graph::Node& reader = graph.nodes[at + 1];
    for (const int from : reader.inputs) lowest = std::min(lowest, from);
    attentions += is<graph::Attention>(reader);
    gathers |= is<graph::FirstToken>(reader);
    const graph::Dims& dims = graph.nodes[at].dims;
    const bool map = dims.size() == 3 && dims[1] * dims[2] > 1;
    if (lowest != static_cast<int>(at)) {
      if (map || attentions > 1) break;  // what follows reads several maps, or goes deeper than the last block
      continue;
    }
    if (map) return Places{at, static_cast<int>(dims[1]), static_cast<int>(dims[2]), 0, false, static_cast<std::size_t>(dims[0])};
    if (dims.size() != 2 || (gathers && attentions == 0)) continue;
    if (std::optional<Places> places = token_places(graph, dims[0])) {
      places->node = at;
      places->channels = static_cast<std::size_t>(dims[1]);
      return places;
    }
  }
  why_not = "there is no single last map that all of its answer is computed from";
  return std::nullopt;
}

}  // namespace graft::explain

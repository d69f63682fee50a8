// Where gradients are taken to make maps: at the last values of a network that still have positions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "graft/graph/graph.h"

namespace graft::explain {

/// A value with positions, as it is read on the way to the answer.
struct LastMap {
  std::string name;  // of the output
  int height, width;
  std::size_t channels;
  std::size_t others;  // tokens before those of the positions: the class token
};

struct LastMaps {
  graph::Graph graph;  // whose first output is the answer, and the others these
  std::vector<LastMap> maps;
};

/// Every feature map after which no other follows on the way to the answer: the last one, and those whose averages the head also reads. If a
/// map has other readers too, the output is placed only on the way to the answer. For transformers, the tokens from which the last attention
/// computes queries, keys and values: after it only the class token counts. Nothing if there is no such map; then `why_not` says why.
std::optional<LastMaps> last_maps(const graph::Graph& graph, std::string& why_not);

}  // namespace graft::explain

// Where the gradients are taken that make maps: at the last values of a network that still have places.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "graft/graph/graph.h"

namespace graft::explain {

/// A value with places, as the way to the answer reads it.
struct LastMap {
  std::string name;  // of the output
  int height, width;
  std::size_t channels;
  std::size_t others;  // tokens before those of the places: the class token
};

struct LastMaps {
  graph::Graph graph;  // whose first output is the answer, and the others these
  std::vector<LastMap> maps;
};

/// Every map behind which the way to the answer has no other one: the last, and with it those whose averages the head reads, too. Of one that others read
/// as well, the output stands on the way to the answer alone. Of transformers the tokens that the last attention has its queries, keys and values of:
/// behind it the class token alone counts. Nothing where there is none, which `why_not` says.
std::optional<LastMaps> last_maps(const graph::Graph& graph, std::string& why_not);

}  // namespace graft::explain

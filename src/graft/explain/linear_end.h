// How a network ends, where its answer is a linear function of maps: then what each place of them gives to each class is a product, and exact.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "graft/graph/graph.h"

namespace graft::explain {

/// A map among what the last layer reads.
struct LinearMap {
  int node;           // in the graph
  graph::Dims dims;   // (C, H, W)
  std::size_t first;  // of the numbers that the last layer reads, the first one that is of this map
  bool averaged;      // over its places, to C numbers; else all C H W of them are read
};

struct LinearEnd {
  std::vector<LinearMap> maps;
  std::optional<std::size_t> layer;  // the Linear node; none where the maps' averages are the answers themselves (SqueezeNet)
};

/// Through Dropout, averages, Flatten and Concat. Nothing where something else stands between a map and the answer, which `why_not` names.
std::optional<LinearEnd> linear_end(const graph::Graph& graph, std::string& why_not);

}  // namespace graft::explain

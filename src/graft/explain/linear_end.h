// How a network ends if its answer is a linear function of feature maps: then what each position adds to each class is an exact product.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "graft/graph/graph.h"

namespace graft::explain {

/// A feature map that the last layer reads.
struct LinearMap {
  int node;           // in the graph
  graph::Dims dims;   // (C, H, W)
  std::size_t first;  // index of its first number among those that the last layer reads
  bool averaged;      // over its positions, to C numbers; otherwise all C H W are read
};

struct LinearEnd {
  std::vector<LinearMap> maps;
  std::optional<std::size_t> layer;  // the Linear node; none if the averages of the maps are themselves the answers (SqueezeNet)
};

/// Through Dropout, averages, Flatten and Concat. Nothing if something else is between a map and the answer; `why_not` names it.
std::optional<LinearEnd> linear_end(const graph::Graph& graph, std::string& why_not);

}  // namespace graft::explain

// A network with shuffled weights.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "graft/explain/network.h"

namespace graft::explain {

/// Which layers are shuffled, from the answer backwards ("cascading randomization", Adebayo et al. 2018): all from one node on.
struct Forgetting {
  std::string what;  // "the last layer", "the upper half", "all layers"
  std::size_t first_node;
};
/// By the layers with weights, the smallest part first; fewer parts if there are few layers.
std::vector<Forgetting> forgettings(const graph::Graph& graph);

/// The network of one view with all weights from that node on shuffled, each within its parameter, so that their size
/// stays the same. Statistics of batch norm stay. A function of (seed, parameter). The network must have a graph.
Network shuffled(const Network& network, std::size_t first_node, uint64_t seed);

}  // namespace graft::explain

// A network that has forgotten: its weights in another order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "graft/explain/network.h"

namespace graft::explain {

/// Which layers forget, from the answer backwards ("cascading randomisation", Adebayo et al. 2018): from one node on, all.
struct Forgetting {
  std::string what;  // "the last layer", "the upper half", "all layers"
  std::size_t first_node;
};
/// By the layers with weights, the smallest part first; of few layers fewer parts.
std::vector<Forgetting> forgettings(const graph::Graph& graph);

/// The network of one view whose weights from that node on have been shuffled, each parameter in itself, so that they keep their size. Statistics of batch
/// norms stay. From (seed, parameter). It must have a graph.
Network shuffled(const Network& network, std::size_t first_node, uint64_t seed);

}  // namespace graft::explain

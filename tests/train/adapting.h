// Pictures of another domain for the tests of adaptation.
#pragma once

#include "graft/graph/bottleneck.h"
#include "graft/transfer/initialise.h"
#include "train/small.h"

namespace graft::train::small {

/// As pictures() of the same salt, but darker and with less contrast; nobody says of which kind.
inline Unlabelled target(std::size_t count, uint64_t salt = 500) {
  return {count, [fill = pictures(count, salt).fill](uint64_t pass, std::span<const std::size_t> which, std::span<float> out) {
            fill(pass, which, out);
            for (float& x : out) x = 0.6F * x - 0.4F;
          }};
}

/// network() with a bottleneck.
inline graph::Graph narrowed() {
  graph::Graph graph = graph::with_bottleneck(network(), 3, 6);
  transfer::initialise_head(graph, 3);
  return graph;
}

inline TrainResult trained(const TrainConfig& config, const Hooks& hooks = {}) {
  return train::train(narrowed(), transfer::plan(narrowed(), {.kind = transfer::Kind::full, .weight_decay = 1e-3}), config,
                      {pictures(24, 1), pictures(9, 99), {target(20)}}, hooks);
}

}  // namespace graft::train::small

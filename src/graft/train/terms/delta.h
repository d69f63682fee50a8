// DELTA (Li et al. 2019, "DELTA: deep learning transfer using feature map with attention"): what stages make of a photo stays near what the pretrained
// network makes of it. Every channel counts alike here (the base variant, "fea_map"): the attention of the paper needs a loss per switched-off channel.
#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "graft/graph/graph.h"
#include "graft/transfer/plan.h"

namespace graft::train {

struct MapDistance {
  double value;
  at::Tensor gradient;  // by ours, float32
};

/// Of one output, (N, ..., C), the source's beside it: half the sum of squared differences, a place's mean (a vector is one place).
MapDistance map_distance(const at::Tensor& ours, const at::Tensor& source);

/// The nodes whose outputs are compared, as "map.STAGE": of each of the last four stages below the head that ever train the last picture or tokens, or the
/// last vector where there are none. Empty where none trains.
std::vector<graph::Output> compared_maps(const graph::Graph& graph, const transfer::Plan& plan);

}  // namespace graft::train

// DELTA (Li et al. 2019, "DELTA: deep learning transfer using feature map with attention"): keeps the feature maps of the stages close to those of
// the pretrained network. All channels weigh alike here (the base variant, "fea_map"): the paper's attention needs one loss evaluation per
// switched-off channel.
#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "graft/graph/graph.h"
#include "graft/transfer/plan.h"

namespace graft::train {

struct MapDistance {
  double value;
  at::Tensor gradient;  // with respect to `ours`, float32
};

/// The distance of one output, (N, ..., C), from the pretrained network's: half the sum of squared differences, averaged over the positions (a vector
/// is one position).
MapDistance map_distance(const at::Tensor& ours, const at::Tensor& source);

/// The outputs to compare, named "map.STAGE": for each of the last four stages below the head that train at any time, its last picture or tokens, or
/// its last vector if it has neither. Empty if no stage below the head trains.
std::vector<graph::Output> compared_maps(const graph::Graph& graph, const transfer::Plan& plan);

}  // namespace graft::train

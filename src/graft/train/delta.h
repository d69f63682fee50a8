// DELTA (Li et al. 2019, "DELTA: deep learning transfer using feature map with attention"): what stages make of a photo stays near what the pretrained
// network makes of it. Every channel counts alike here (the base variant, "fea_map"): the attention of the paper needs a loss per switched-off channel.
#pragma once

#include <vector>

#include "graft/train/config.h"
#include "graft/train/executor.h"
#include "graft/train/regularise.h"
#include "graft/transfer/plan.h"

namespace graft::train {

/// Of one output, (N, ..., C), the source's beside it: half the sum of squared differences, a place's mean (a vector is one place). Gradient by `ours`.
Penalty map_distance(const at::Tensor& ours, const at::Tensor& source);

/// The nodes whose outputs are compared: of each of the last four stages below the head that ever train the last picture or tokens, or the last vector
/// where there are none. Empty where none trains.
std::vector<std::size_t> compared_nodes(const graph::Graph& graph, const transfer::Plan& plan);

/// The pretrained network beside the one that trains.
class Delta {
 public:
  /// Copies the source's weights, and names what is compared among its outputs: "map.STAGE".
  Delta(graph::Graph& source, const transfer::Plan& plan, const TrainConfig& config, const Ways& ways);

  /// Adds strength * the gradient of the distances by what `executor` made of these inputs.
  void pull(Outputs& gradients, const Executor& executor, const Outputs& ours, const at::Tensor& inputs, double strength);

 private:
  std::vector<graph::Output> maps_;
  Executor source_;
};

}  // namespace graft::train

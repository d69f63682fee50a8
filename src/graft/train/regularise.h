// What keeps a training near its source: terms of the loss besides the Objective, as gradients that the loop adds. They are in no loss of the history.
#pragma once

#include <vector>

#include "graft/train/config.h"
#include "graft/train/executor.h"
#include "graft/transfer/groups.h"

namespace graft::train {

/// The groups that are trained. With l2_sp nothing below the head is decayed to 0.
std::vector<transfer::ParamGroup> groups_of(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config);

/// L2-SP (Li et al. 2018): adds strength * (w - source's w) to the gradient of every parameter below the head that trains, which is that of
/// strength / 2 * |w - source's w|^2. `source` has the executor's parameters.
void pull_to_source(Executor& executor, const graph::Graph& source, double strength);

/// Batch spectral shrinkage (Chen et al. 2019) of features (N, F), k = 1: the square of their smallest singular value, and its gradient by them.
struct Shrinkage {
  double loss;
  at::Tensor gradient;  // float32
};
Shrinkage spectral_shrinkage(const at::Tensor& features);

}  // namespace graft::train

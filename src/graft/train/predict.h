// A network's predictions, computed by the operators of training.
#pragma once

#include <vector>

#include "graft/graph/graph.h"
#include "graft/train/train.h"

namespace graft::train {

/// The logits of the samples in their order, (samples, classes): with the running statistics, without dropout, computed in config.storage, for the
/// samples' inputs of epoch 0.
std::vector<float> predict(const graph::Graph& graph, const TrainConfig& config, const Samples& samples);

}  // namespace graft::train

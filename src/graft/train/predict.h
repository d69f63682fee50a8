// What a network answers, as training computes it.
#pragma once

#include <vector>

#include "graft/graph/graph.h"
#include "graft/train/train.h"

namespace graft::train {

/// The logits of the samples in their order, (samples, classes): fixed statistics, no dropout, in config.storage, as epoch 0 sees the samples.
std::vector<float> predict(const graph::Graph& graph, const TrainConfig& config, const Samples& samples);

}  // namespace graft::train

// AdaBN (Li et al. 2016, "Revisiting batch normalization for practical domain adaptation"): batch norm statistics measured on the target domain.
#pragma once

#include "graft/graph/graph.h"
#include "graft/train/train.h"

namespace graft::train {

/// The graph with the running statistics of all its batch norms measured anew on these samples. Each sample is seen once, in batches of config.batch;
/// every batch is normalized by its own statistics, as in training, and the result combines those of all batches. Forward passes only: the weights do
/// not change. Error (usage) if there is no batch norm, or there are fewer than two samples.
graph::Graph adapt_statistics(const graph::Graph& graph, const TrainConfig& config, const Unlabelled& samples);

}  // namespace graft::train

// AdaBN (Li et al. 2016, "Revisiting batch normalization for practical domain adaptation"): the statistics of the domain that a network is for.
#pragma once

#include "graft/graph/graph.h"
#include "graft/train/train.h"

namespace graft::train {

/// The graph with the statistics of all its batch norms measured on these samples, each seen once, in batches of config.batch: of each batch as
/// training would see it, and then of all batches together. Forward only; weights stay. Error (usage) where there is no batch norm, or fewer than two
/// samples.
graph::Graph adapt_statistics(const graph::Graph& graph, const TrainConfig& config, const Unlabelled& samples);

}  // namespace graft::train

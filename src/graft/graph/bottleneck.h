// A narrow layer between the features of a pretrained network and its new layer.
#pragma once

#include <cstdint>

#include "graft/graph/graph.h"

namespace graft::graph {

/// The stage before the last one.
inline constexpr const char* kBottleneck = "bottleneck";

/// As replace_head, with a stage kBottleneck between the features and the new layer: a linear layer to `width` numbers, batch norm and
/// ReLU. Adapting a network to another domain trains these (Long et al. 2015; tllib's classifiers); their parameters are empty, too.
Graph with_bottleneck(const Graph& graph, int64_t classes, int64_t width = 256);

/// The lowest of the stages that are new: the last one, or kBottleneck before it.
int first_new_stage(const Graph& graph);

}  // namespace graft::graph

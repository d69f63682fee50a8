// Takes the second view out of a network that answers with the mean over a photo and its mirror image.
#pragma once

#include "graft/graph/graph.h"

namespace graft::graph {

/// The graph for a picture alone: without MirrorViews and MeanOfViews, which HeadInput::mirror and with_mirrored_answer (walks.h) add.
Graph one_view(const Graph& graph);

}  // namespace graft::graph

// Co-Tuning (You et al. 2020): beside the new head the pretrained network's own classifier goes on training, towards those of its classes that go with
// each of the new ones.
#pragma once

#include "graft/graph/graph.h"

namespace graft::transfer {

/// The output that the source's classifier is.
inline constexpr const char* kSourceLogits = "source_logits";

/// The network, whole or from a stage on, with the classifier of `source` on what its new layers read, as another output. Error (usage) unless that
/// classifier is one linear layer on the source's features, with weights.
graph::Graph with_source_head(graph::Graph network, const graph::Graph& source);

/// Back: without what with_source_head() added.
graph::Graph without_source_head(graph::Graph network);

/// Error (usage) as with_source_head.
void check_co_tuning(const graph::Graph& source);

}  // namespace graft::transfer

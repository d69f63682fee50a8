// Co-Tuning (You et al. 2020): the pretrained network's own classifier keeps training
// next to the new head, towards those of its classes that correspond to each new class.
#pragma once

#include "graft/graph/graph.h"

namespace graft::transfer {

/// The name of the output of the source's classifier.
inline constexpr const char* kSourceLogits = "source_logits";

/// The network, whole or from a stage on, with the classifier of `source` as another output, on the input of its
/// new layers. Error (usage) unless that classifier is one linear layer on the source's features, with weights.
graph::Graph with_source_head(graph::Graph network, const graph::Graph& source);

/// The network without what with_source_head() added.
graph::Graph without_source_head(graph::Graph network);

/// Error (usage) as with_source_head.
void check_co_tuning(const graph::Graph& source);

}  // namespace graft::transfer

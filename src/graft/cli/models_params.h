// `graft models NAME --params`: the journey of each parameter under a strategy, as far as it can be told without data.
#pragma once

#include "graft/cli/command.h"
#include "graft/graph/graph.h"
#include "graft/transfer/strategy.h"

namespace graft::cli {

/// Prints the table or the JSON. Error (usage) of transfer::plan.
void print_params(const graph::Graph& graph, const transfer::Strategy& strategy, const OutputOptions& output);

}  // namespace graft::cli

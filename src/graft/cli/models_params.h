// `graft models NAME --params`: the journey of each parameter under a strategy, as far as it can be told without data.
#pragma once

#include <nlohmann/json.hpp>

#include "graft/cli/command.h"
#include "graft/graph/graph.h"
#include "graft/transfer/plan.h"

namespace graft::cli {

/// Prints the table or the JSON. Error (usage) of transfer::plan.
void print_params(const graph::Graph& graph, const transfer::Strategy& strategy, const OutputOptions& output);

/// "partial: trains 2,562 of 3,373,570 parameters in head".
std::string params_sentence(const graph::Graph& graph, const transfer::Plan& plan);

/// The same of a plan that is made.
std::string params_table(const graph::Graph& graph, const transfer::Plan& plan);
nlohmann::ordered_json params_json(const graph::Graph& graph, const transfer::Plan& plan);

}  // namespace graft::cli

// The new layer as the options describe it: its input, dense layers before it (--hidden), how it is found (--solver), how it starts (--begin).
#pragma once

#include <cstdint>
#include <vector>

#include "graft/fit/job/state.h"

namespace graft::fit {

/// Outputs of the dense layers of --hidden. Error (usage) for anything but whole numbers from 1 to 65536, separated by commas.
std::vector<int64_t> hidden_sizes(const FitConfig& config);

/// Chooses --solver, and --strategy head if only options of the new layer were given; Error (usage) for options that contradict each other.
void check_new_layer(Configured<FitConfig>& config);

/// With --begin kept: Error (data) that names the first class in which the run and the photos differ, or for a network without its head.
void check_kept(const Job& job);

/// The backbone with that layer, without values; with --begin kept unchanged. Error (usage) for --pool flatten if the features have no positions.
graph::Graph with_new_layer(const Job& job);

/// The network at the start of its training by gradient steps.
graph::Graph begun(const Job& job, const Start& start);

/// The trained network as it is deployed: with --mirror it answers with the mean over both views.
graph::Graph deployed(const Job& job, graph::Graph trained);

}  // namespace graft::fit

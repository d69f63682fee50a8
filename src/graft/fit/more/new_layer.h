// The new layer as the options say it: what it sees, dense layers before it (--hidden), how it is found (--solver), where it begins (--begin).
#pragma once

#include <cstdint>
#include <vector>

#include "graft/fit/job/state.h"

namespace graft::fit {

/// Outputs of the dense layers of --hidden. Error (usage) for anything else than whole numbers from 1 to 65536 with commas between them.
std::vector<int64_t> hidden_sizes(const FitConfig& config);

/// Chooses --solver, and --strategy head where only options of the new layer were given; Error (usage) for options that contradict each other.
void check_new_layer(Configured<FitConfig>& config);

/// With --begin kept: Error (data) that names the first class in which the run and the photos differ, or for a network without its head.
void check_kept(const Job& job);

/// The backbone with that layer, without values; with --begin kept as it is. Error (usage) for --pool flatten of features that have no places.
graph::Graph with_new_layer(const Job& job);

/// The network as its training by steps begins.
graph::Graph begun(const Job& job, const Start& start);

/// The trained network as it is deployed: with --mirror it answers with the mean over both views.
graph::Graph deployed(const Job& job, graph::Graph trained);

}  // namespace graft::fit

// Everything before the training of more than the head: options, photos, network, features, the head, the strategy.
#pragma once

#include <optional>

#include "graft/fit/head/probe.h"
#include "graft/fit/job/look_over.h"
#include "graft/fit/job/state.h"

namespace graft::fit {

/// Error (usage) for options that contradict each other, before any work. Fills in --out and the backbone of --from.
void check_options(Configured<FitConfig>& config);

/// Reads the photos' names and the network, which --sources chooses. Errors as data::open_splits and open_backbone.
void open(Job& job);

struct Prepared {
  Start start;
  Photos photos;               // that can be read
  doctor::Report report;       // on them
  std::optional<Probe> found;  // empty for a resumed run, unless it adapts: `start` has everything else
};
/// Computes the features of the photos, solves the head and decides on the strategy; for a resumed run, reads what it started from.
Prepared prepare(Job& job);

}  // namespace graft::fit

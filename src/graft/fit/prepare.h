// All that comes before the training of more than the head: options, photos, network, features, the head, the strategy.
#pragma once

#include <optional>

#include "graft/fit/head/probe.h"
#include "graft/fit/job/look_over.h"
#include "graft/fit/job/state.h"

namespace graft::fit {

/// Options that contradict each other, before any work: Error (usage). Fills --out and the backbone of --from in.
void check_options(Configured<FitConfig>& config);

/// Reads the photos' names and the network, which --sources chooses. Errors as data::open_splits and open_backbone.
void open(Job& job);

struct Prepared {
  Start start;
  Photos photos;               // that can be read
  doctor::Report report;       // on them
  std::optional<Probe> found;  // not of a run that is taken up: all that is needed of it is in `start`
};
/// Looks at the photos through the frozen network, solves the head and decides on the strategy; of a run that is taken up, reads what it began from.
Prepared prepare(Job& job);

}  // namespace graft::fit

// Where a run is written, as far as the options leave that open.
#pragma once

#include "graft/fit/job/config.h"
#include "graft/fit/job/state.h"

namespace graft::fit {

/// Before a run begins. An --out that a file names (--config with the config.toml of an earlier run) and that is there already stays as it is: `out` is
/// emptied, so that a new place is chosen, and the listener told. Error (data) for an unfinished run, with how to go on with it.
void settle_out(FitConfig& config, Origins& origins, const Listener& listener);

}  // namespace graft::fit

// Where a run is written if the options leave that open.
#pragma once

#include "graft/fit/job/config.h"
#include "graft/fit/job/state.h"

namespace graft::fit {

/// To be called before a run begins. If a file names the --out (--config with the config.toml of an earlier run) and it exists, it is kept: `out`
/// is cleared so that a new place is chosen, with a note to the listener. Error (data) for an unfinished run, which says how to continue it.
void settle_out(FitConfig& config, Origins& origins, const Listener& listener);

}  // namespace graft::fit

// From a folder of labeled photos to a run folder with a checked model: the main job, in the order of its steps.
#pragma once

#include "graft/base/config.h"
#include "graft/fit/job/config.h"
#include "graft/fit/job/listener.h"
#include "graft/fit/job/result.h"

namespace graft::fit {

/// Trains a linear head on frozen features, and then more of the network if the strategy says so. Uses the internet
/// only with `download`. Automatic choices are written into `config` with their reasons. Either the complete run folder
/// appears or nothing; if training was stopped or failed after its first checkpoint, RUN/checkpoint stays for --resume.
/// Errors as data::open_splits, weights::fetch, weights::load, artifact::open_session; Interrupted after Ctrl-C.
FitResult fit(Configured<FitConfig>& config, const Listener& listener = {});

}  // namespace graft::fit

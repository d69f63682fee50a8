// From a folder of labelled images to a run folder with a checked model: the main job, in the order of its steps.
#pragma once

#include "graft/base/config.h"
#include "graft/fit/job/config.h"
#include "graft/fit/job/listener.h"
#include "graft/fit/job/result.h"

namespace graft::fit {

/// Trains a linear head on frozen features, and from there more of the network where the strategy says so. Reads no network but for `download`.
/// Automatic choices are written into `config` with their reasons.
/// Either the whole run folder appears or nothing; of a training that was stopped or failed after its first checkpoint RUN/checkpoint, for --resume.
/// Errors as data::open_splits, weights::fetch, weights::load, artifact::open_session; Interrupted after Ctrl-C.
FitResult fit(Configured<FitConfig>& config, const Listener& listener = {});

}  // namespace graft::fit

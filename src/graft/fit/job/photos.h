// The photos that the options name, and how they are parted.
#pragma once

#include "graft/data/dataset.h"
#include "graft/fit/job/state.h"

namespace graft::fit {

/// How the photos are parted. Error (usage) for a --fold that is none.
data::SplitOptions split_options(const FitConfig& config);

/// Reads the photos' names, and the weights of --sample-weights; leaves out what --dedupe does. Errors as data::open_splits and data::read_weights.
void open_photos(Job& job);

}  // namespace graft::fit

// The photos that the options name, and how they are split.
#pragma once

#include "graft/data/dataset.h"
#include "graft/fit/job/state.h"

namespace graft::fit {

/// How the photos are split. Error (usage) for an invalid --fold.
data::SplitOptions split_options(const FitConfig& config);

/// Reads the photos' names, the weights of --sample-weights and the attributes of --groups; leaves out
/// the copies of --dedupe. Errors as data::open_splits, data::read_weights and data::read_attributes.
void open_photos(Job& job);

}  // namespace graft::fit

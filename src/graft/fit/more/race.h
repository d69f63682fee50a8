// Compares contenders (more training) with the head alone, on training photos.
#pragma once

#include <vector>

#include "graft/fit/head/probe.h"
#include "graft/fit/job/state.h"
#include "graft/fit/more/trial.h"

namespace graft::fit {

/// Trains each contender as the options say, but for seven tenths of the epochs (or the full number of steps, if these are few), on three quarters of
/// (at most 2,000) training photos, solves the head on the same photos, and compares both on the other quarter, each at its best temperature (Guo et
/// al. 2017). A contender that falls far behind the head is stopped; one whose trial and training do not fit into --budget is not tried. Announces
/// what is tried and about how long it takes. At least one trial. Interrupted after Ctrl-C, with everything needed to resume (trial_record.h).
std::vector<Trial> try_training(Job& job, const Probe& found, const Photos& photos, const std::vector<Contender>& contenders);

/// The number of photos on which a trial is judged, for a number of training photos.
std::size_t judged_of(std::size_t photos);

}  // namespace graft::fit

// Contenders for more training against the head alone, on training photos.
#pragma once

#include <vector>

#include "graft/fit/head/probe.h"
#include "graft/fit/job/state.h"
#include "graft/fit/more/trial.h"

namespace graft::fit {

/// Trains each contender as the options say, but for seven tenths of the epochs (as many steps, where these are few), on three quarters of (at most 2,000) training photos, solves the head on the
/// same, and compares both on the other quarter, each at its best temperature (Guo et al. 2017). A contender is stopped where it falls far behind the head,
/// and not tried where trial and training do not fit into --budget. Says beforehand what is tried and about how long it takes. At least one trial.
/// Interrupted after Ctrl-C, with what it takes to go on (trial_record.h).
std::vector<Trial> try_training(Job& job, const Probe& found, const Photos& photos, const std::vector<Contender>& contenders);

/// Photos that a trial is judged on, of so many training photos.
std::size_t judged_of(std::size_t photos);

}  // namespace graft::fit

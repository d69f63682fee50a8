// How far the answers of a model can be trusted (trust/rules.h), from what a fit has at hand when its network is trained and before it is written.
#pragma once

#include "graft/fit/head/probe.h"
#include "graft/fit/job/state.h"
#include "graft/trust/rules.h"

namespace graft::fit {

/// `head`: what the solved head saw, its features and labels; null after a training by steps, for which there are the validation photos and what the network
/// said to them.
trust::Rules find_rules(Job& job, Start& start, const Photos& photos, const Probe* head, Outcome& outcome);

}  // namespace graft::fit

// How far the answers of a model can be trusted (trust/rules.h), from what a fit has at hand when its network is trained and before it is written.
#pragma once

#include <nlohmann/json.hpp>

#include "graft/fit/head/probe.h"
#include "graft/fit/job/state.h"
#include "graft/trust/rules.h"

namespace graft::fit {

/// Of the options, once the classes are known and before any work: Error (usage) for a coverage that is none; errors (data) of trust::read_costs.
void check_trust(const Job& job);

struct FoundRules {
  trust::Rules rules;
  nlohmann::ordered_json history;  // of history.json: {"calibration": ..., "sets": ...}; null with --calibrate none
};

/// Calibrates `outcome`, whose answers are divided by the temperature found, and finds the rest on its calibrated answers. `head`: what the solved head saw,
/// its features and labels; null after a training by steps, for which there are the validation photos and what the network said to them. Notes say what was done.
/// Errors (data) for --calibrate-on photos that are no such photos: a class is missing, some were trained on, some cannot be read.
FoundRules find_rules(Job& job, const Start& start, const Photos& photos, const Probe* head, Outcome& outcome);

/// Network and logits.
void divide(Outcome& outcome, double temperature);

}  // namespace graft::fit

// How far the answers of a model can be trusted (trust/rules.h), found between the end of training and the writing of the model.
#pragma once

#include <nlohmann/json.hpp>

#include "graft/fit/head/probe.h"
#include "graft/fit/job/state.h"
#include "graft/trust/rules.h"

namespace graft::fit {

/// Checks the options once the classes are known, before any work: Error (usage) for an invalid coverage; errors (data) of trust::read_costs.
void check_trust(const Job& job);

struct FoundRules {
  trust::Rules rules;
  nlohmann::ordered_json history;  // of history.json: {"calibration": ..., "sets": ...}; null with --calibrate none
};

/// Calibrates `outcome`, whose logits are divided by the temperature found, and finds the other rules on its calibrated answers. `head`: the
/// features and labels of the solved head; null after training by gradient steps, when the validation photos and the network's answers for them are
/// used. Notes say what was done. Errors (data) for unsuitable --calibrate-on photos: a class is missing, some were trained on, some cannot be read.
FoundRules find_rules(Job& job, const Start& start, const Photos& photos, const Probe* head, Outcome& outcome);

/// Network and logits.
void divide(Outcome& outcome, double temperature);

}  // namespace graft::fit

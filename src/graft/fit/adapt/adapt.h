// A head that was solved on a source, adapted to photos of a target without labels.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "graft/artifact/model.h"
#include "graft/fit/adapt/candidates.h"
#include "graft/fit/head/probe.h"
#include "graft/fit/job/adaptation.h"
#include "graft/fit/job/state.h"

namespace graft::fit {

struct Adapted {
  Adaptation found;
  std::vector<float> test_logits;                       // (test photos, classes), of what was chosen
  nlohmann::ordered_json map;                           // feature_map of what was chosen, for kFeatureMap (map.h) of the run
  bool by_steps = false;                                // whether that was trained by steps
  std::shared_ptr<const Translation> translation = {};  // where it translates
};

/// Replaces `outcome`, what was trained where the method trains something, by what --method says, or by what is chosen among the methods. The phase of what
/// became the model stands last in start.phases then.
Adapted adapt(Job& job, const Photos& photos, const Probe& probe, const std::shared_ptr<const Domains>& seen, Outcome& outcome, Start& start);

/// For the model's card.
nlohmann::ordered_json provenance_of(const Job& job, const Adaptation& adaptation);

/// The map of features, and translated photos, into `folder`. The written model on --target-test, where there is one: what it says is compared with what was seen, and written as target_predictions.csv into `folder`, which
/// will be `run`. Errors as verify.
void write_adaptation(const Job& job, const artifact::ModelCard& card, const std::filesystem::path& folder, Adapted& adapted);

}  // namespace graft::fit

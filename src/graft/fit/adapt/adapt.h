// A head that was solved on a source, adapted to photos of a target without labels.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "graft/artifact/model.h"
#include "graft/fit/head/probe.h"
#include "graft/fit/job/adaptation.h"
#include "graft/fit/job/state.h"

namespace graft::fit {

struct Adapted {
  Adaptation found;
  std::vector<float> test_logits;  // (test photos, classes), of what was chosen
};

/// Replaces `outcome` by what --method says, or by what is chosen among the methods. Errors (data) for photos that cannot be read.
Adapted adapt(Job& job, const Probe& probe, Outcome& outcome);

/// For the model's card.
nlohmann::ordered_json provenance_of(const Job& job, const Adaptation& adaptation);

/// The written model on --target-test, where there is one: what it says is compared with what was seen, and written as target_predictions.csv into `folder`, which
/// will be `run`. Errors as verify.
void measure_on_target(const Job& job, const artifact::ModelCard& card, const std::filesystem::path& folder, Adapted& adapted);

}  // namespace graft::fit

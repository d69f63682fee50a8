// Adapts a head that was solved on a source to unlabeled photos of a target.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "graft/artifact/model.h"
#include "graft/fit/adapt/candidates.h"
#include "graft/fit/adapt/shift.h"
#include "graft/fit/head/probe.h"
#include "graft/fit/job/adaptation.h"
#include "graft/fit/job/state.h"

namespace graft::fit {

struct Adapted {
  Adaptation found;
  std::vector<float> test_logits;                       // (test photos, classes), by the chosen method
  nlohmann::ordered_json map;                           // feature_map of the chosen method, for kFeatureMap (map.h) in the run
  bool by_steps = false;                                // whether the chosen method was trained by gradient steps
  std::shared_ptr<const Translation> translation = {};  // if the chosen method translates photos
};

/// Which of the source's classes the target lacks; also chooses --diversity by that.
Lacking look_for_missing(Job& job, const Probe& probe, const std::shared_ptr<const Domains>& seen);

/// Adapts by --method, or by the method that is chosen among all. `outcome` is what was trained, if the method trains something, and is replaced by
/// the resulting model. The last entry of start.phases is then the phase that became the model.
Adapted adapt(Job& job, const Photos& photos, const Probe& probe, const std::shared_ptr<const Domains>& seen, const Lacking& missing,
              Outcome& outcome, Start& start);

/// The entry of the model's card.
nlohmann::ordered_json provenance_of(const Job& job, const Adaptation& adaptation);

/// The evaluation of the model in `folder`, which is going to be `run`, on --target-test. Its logits must match `logits`, and its predictions are written there as `file`. Errors as verify.
eval::AnyEvaluation measure_on_target(const Job& job, const artifact::ModelCard& card, const std::filesystem::path& folder,
                                      std::span<const float> logits, const char* file);

/// Writes the map of features, and translated photos, into `folder`. With --target-test, also compares the written model's predictions there with
/// what was found before, and writes them to target_predictions.csv in `folder`, which is going to be `run`. Errors as verify.
void write_adaptation(const Job& job, const artifact::ModelCard& card, const std::filesystem::path& folder, Adapted& adapted);

}  // namespace graft::fit

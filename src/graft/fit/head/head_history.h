// How the head was chosen, for history.json.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "graft/fit/head/head_input.h"

namespace graft::fit {

struct HeadHistory {
  std::vector<Candidate> inputs;  // compared; the last one was chosen
  head::L2Choice l2 = {};         // empty where the user gave it

  /// The cross-validation result of the chosen head; empty if there was none.
  const head::L2Choice& best() const { return l2.folds > 0 ? l2 : inputs.back().l2; }
};

/// Of history.json.
nlohmann::ordered_json phase_of(const HeadHistory& head, double l2, double train_accuracy, double val_accuracy);

}  // namespace graft::fit

// Options that mean something only where more than the head trains.
#pragma once

#include <string>
#include <vector>

#include "graft/fit/config.h"

namespace graft::fit {

struct TrainingOption {
  const char* name;  // "loss"
  std::string text;  // "--loss focal"
};
/// Those that are not as they are by default.
std::vector<TrainingOption> training_only(const FitConfig& config);

/// Error (usage) when --strategy head is given beside one of them. Not where a file says both: it may be the record of a run whose strategy was chosen.
void check_training_only(const Configured<FitConfig>& config);

}  // namespace graft::fit

// Options that do not fit what is trained or the photos, by the rules stated with each option (base/config.h).
#pragma once

#include <string>
#include <vector>

#include "graft/data/task.h"
#include "graft/fit/job/config.h"

namespace graft::fit {

struct TrainingOption {
  std::string name;  // "loss"
  std::string text;  // "--loss focal"
};
/// Those that differ from their defaults, in the order of the help.
std::vector<TrainingOption> training_only(const FitConfig& config);

/// Error (usage) if --strategy head is solved for and one of them is given, or differs from its default next to
/// a given --strategy head. Not if a file has both: it may be the record of a run whose strategy was chosen.
void check_training_only(const Configured<FitConfig>& config);

/// Error (usage) for a --stop-metric that the task does not have. If photos can have several classes: Error (usage) for an option that only makes sense with
/// one class each; an automatic --imbalance becomes none.
void check_task(Configured<FitConfig>& config, const data::Task& task);

}  // namespace graft::fit

// Options that do not go with what is trained or with the photos, by the rules that stand with each option (base/config.h).
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
/// Those that are not as they are by default, in the order of the help.
std::vector<TrainingOption> training_only(const FitConfig& config);

/// Error (usage) when --strategy head is solved for and one of them is given, or is not as by default beside a --strategy head that is given. Not
/// where a file says both: it may be the record of a run whose strategy was chosen.
void check_training_only(const Configured<FitConfig>& config);

/// Error (usage) for a --stop-metric that the task does not have. Where a photo may have several classes: Error (usage) for an option that has a meaning only where each has one; an automatic --imbalance becomes none.
void check_task(Configured<FitConfig>& config, const data::Task& task);

}  // namespace graft::fit

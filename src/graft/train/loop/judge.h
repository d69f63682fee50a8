// Which epoch is the best so far, and what follows from that. A pure function of the epochs' records, so that a resumed run needs no state of its own.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "graft/train/config.h"
#include "graft/train/train.h"

namespace graft::train {

/// Of a validation by config.stop_metric, lower is better; infinite where that was not computed.
double cost_of(const TrainConfig& config, double loss, double accuracy, const std::map<std::string, double>& scores);

struct Verdict {
  int best_epoch = -1;   // by config.stop_metric, of equal ones the one with the lower loss; -1 of an empty history
  int waited = 0;        // epochs since the metric was better than ever by more than config.min_delta
  double lr_factor = 1;  // of the schedule plateau; 1 for the others
};

/// The `most` best epochs, best first, as best_epoch is the first of them.
std::vector<int> best_epochs(std::span<const EpochRecord> history, const TrainConfig& config, std::size_t most);

/// Of epochs that were validated, from the first on.
Verdict judge(std::span<const EpochRecord> history, const TrainConfig& config);

}  // namespace graft::train

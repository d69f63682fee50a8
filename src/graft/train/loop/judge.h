// Which epoch is the best so far, and what follows for early stopping and the learning rate. A pure function of the epochs' records, so a resumed run
// needs no state for it.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "graft/train/config.h"
#include "graft/train/train.h"

namespace graft::train {

/// The cost of a validation by config.stop_metric: lower is better; infinite if the metric was not computed.
double cost_of(const TrainConfig& config, double loss, double accuracy, const std::map<std::string, double>& scores);

struct Verdict {
  int best_epoch = -1;   // by config.stop_metric; among equals the one with the lower loss; -1 for an empty history
  int waited = 0;        // epochs since the metric last improved on its best value by more than config.min_delta
  double lr_factor = 1;  // for the plateau schedule; 1 for the others
};

/// The best epochs, at most `most`, best first, in the order by which best_epoch is chosen.
std::vector<int> best_epochs(std::span<const EpochRecord> history, const TrainConfig& config, std::size_t most);

/// The verdict on epochs that were all validated, from the first epoch on.
Verdict judge(std::span<const EpochRecord> history, const TrainConfig& config);

}  // namespace graft::train

// Which strategy: from what is known about the photos once the frozen network has seen them.
#pragma once

#include <string>
#include <vector>

#include "graft/fit/head/probe.h"
#include "graft/fit/job/state.h"
#include "graft/fit/more/trial.h"

namespace graft::fit {

/// What is known of the training photos before any trial.
struct Facts {
  std::size_t smallest_class;       // images of the class that has the fewest
  double accuracy, accuracy_error;  // of the head by cross-validation, and its standard error; 0 without folds
  std::size_t judged;               // photos that a trial would be judged on
  int trainable_stages;             // besides the head
  bool several = false;             // a photo has any number of classes; `accuracy` is of single answers, most of which are easily right
};

/// Why nothing is tried and the head alone is the answer; empty: a trial decides. Photo counts do not: from how many on more training pays was
/// found to differ from set to set (docs/ablations.md). But where no trial could tell the difference, because there are too few photos or the head
/// has hardly a mistake to mend, none is made.
std::string why_head(const Facts& facts);

/// Seconds of --budget. Error (usage) for what is no time.
std::optional<double> budget_of(const FitConfig& config);

/// What a trial compares with the head alone: everything; where there is a budget also with three times the epochs and with a third of the learning rate,
/// unless the user said these; spare, for want of memory or time, the last two stages, and where there is a budget the last one. With --unfreeze what it says.
std::vector<Contender> contenders(const Configured<FitConfig>& config, int trainable_stages);

/// Writes strategy and unfreeze into the config with their reasons, unless the user said so. `start` gets the record of the trials.
void choose_strategy(Job& job, const Probe& probe, Start& start);

}  // namespace graft::fit

// Which strategy to use, from what is known once the features of the photos have been computed.
#pragma once

#include <string>
#include <vector>

#include "graft/fit/head/probe.h"
#include "graft/fit/job/state.h"
#include "graft/fit/more/trial.h"

namespace graft::fit {

/// What is known about the training photos before any trial.
struct Facts {
  std::size_t smallest_class;       // photos of the class that has the fewest
  double accuracy, accuracy_error;  // of the head by cross-validation, and its standard error; 0 without folds
  std::size_t judged;               // photos that a trial would be judged on
  int trainable_stages;             // besides the head
  bool several = false;             // photos can have any number of classes; `accuracy` is that of single answers, most of which are easy
};

/// Why no trial is made and only the head is trained; empty: a trial decides. The number of photos does not decide:
/// from how many on more training helps was found to differ between data sets (docs/ablations.md). But no trial is
/// made if it could not show a difference, because there are too few photos or the head makes hardly any mistakes.
std::string why_head(const Facts& facts);

/// Seconds of --budget. Error (usage) if it is not a time.
std::optional<double> budget_of(const FitConfig& config);

/// What trials compare with the head alone: full fine-tuning; with a budget also with three times the epochs and with a third of the learning rate,
/// unless these are given; in reserve, if memory or time is short, the last two stages, and with a budget the last one. With --unfreeze, what that says.
std::vector<Contender> contenders(const Configured<FitConfig>& config, int trainable_stages);

/// Writes strategy and unfreeze into the config with their reasons, unless the user gave them. `start` gets the record of the trials.
void choose_strategy(Job& job, const Probe& probe, Start& start);

}  // namespace graft::fit

// Which strategy: from what is known about the photos once the frozen network has seen them.
#pragma once

#include <string>

#include "graft/fit/job.h"
#include "graft/fit/probe.h"

namespace graft::fit {

/// What speaks for one strategy or another, of the training photos.
struct Facts {
  std::size_t smallest_class;       // images of the class that has the fewest
  double accuracy, accuracy_error;  // of the head by cross-validation, and its standard error; 0 without folds
  bool far;                         // earlier stages tell more than the last features alone: the photos are unlike those the network was trained on
  int trainable_stages;             // besides the head
  bool several = false;             // a photo has any number of classes; `accuracy` is of single answers, most of which are easily right
};

struct Decision {
  transfer::Kind kind;
  std::string unfreeze;  // of partial
  std::string reason;
  bool to_be_tried = false;  // the facts do not decide: only a trial tells whether this beats the head alone
};

/// The classical guide (few or many photos x near to or far from the source), with measured answers: a handful of photos a class, or a head that is
/// right nearly always, leave nothing for more training to gain; of many photos the last stages learn where the domain is near, and all where it is far;
/// between a handful and many, and for photos of several classes, a trial decides.
Decision decide(const Facts& facts);

/// Writes strategy and unfreeze into the config with their reasons, unless the user said so. `start` gets the record of a trial.
void choose_strategy(Job& job, const Probe& probe, Start& start);

}  // namespace graft::fit

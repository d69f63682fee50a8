// Classes of different size: what --imbalance comes to, for the head and for a training of more.
#pragma once

#include "graft/base/class_weights.h"
#include "graft/fit/job/config.h"
#include "graft/fit/job/state.h"

namespace graft::fit {

/// Before any work: --class-weights balanced is written into --imbalance. Error (usage) where the user says something else there.
void join_class_weights(Configured<FitConfig>& config);

/// Decides on auto by the training images of the largest and the smallest class. While the strategy is not known the head's part is decided.
void choose_imbalance(Job& job);
/// The same once more, when an automatic strategy turned out to train more than the head.
void choose_imbalance_of_training(Configured<FitConfig>& config);

/// With which the head is solved. A training with balanced softmax or balanced sampling begins from one that is balanced, too.
ClassWeights head_weights(const train::TrainConfig& config);

}  // namespace graft::fit

// Classes of different size: what --imbalance means for the head and for further training.
#pragma once

#include "graft/base/class_weights.h"
#include "graft/fit/job/config.h"
#include "graft/fit/job/state.h"

namespace graft::fit {

/// Before any work: --class-weights balanced becomes --imbalance weights. Error (usage) if --imbalance is given as something else.
void join_class_weights(Configured<FitConfig>& config);

/// Resolves auto by the sizes of the largest and the smallest class. While the strategy is not known, only the head's part is decided.
void choose_imbalance(Job& job);
/// The same again, after an automatic strategy has decided to train more than the head.
void choose_imbalance_of_training(Configured<FitConfig>& config);

/// The class weights for solving the head. Training with balanced softmax or balanced sampling starts from a balanced head.
ClassWeights head_weights(const train::TrainConfig& config);

}  // namespace graft::fit

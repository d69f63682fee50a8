// How good the weights of an executor are.
#pragma once

#include <vector>

#include "graft/train/graph/executor.h"
#include "graft/train/train.h"

namespace graft::train {

struct Validation {
  double loss = 0, accuracy = 0;  // plain cross-entropy, binary where samples have any number of classes
  std::vector<float> logits;      // (samples, classes)
};
/// Of the first output, as epoch 0 sees the samples: fixed statistics, no dropout.
Validation validate(Executor& executor, const Samples& samples, int batch);

}  // namespace graft::train

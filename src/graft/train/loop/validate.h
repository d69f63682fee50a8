// How good the weights of an executor are.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "graft/train/graph/executor.h"
#include "graft/train/train.h"

namespace graft::train {

struct Validation {
  double loss = 0, accuracy = 0;         // plain_loss(), and the part of the samples that it finds right
  std::vector<float> logits;             // (samples, classes)
  std::map<std::string, double> scores;  // `score`, where that is another
};
/// Of the first output, as epoch 0 sees the samples: fixed statistics, no dropout. `score`: what is wanted besides (eval/scores.h); empty: nothing.
Validation validate(Executor& executor, const Samples& samples, int batch, const std::string& score = {});

/// What there is of kInformation and kTargetAccuracy, as epoch 0 sees the samples.
std::map<std::string, double> scores_of_target(Executor& executor, const Streams& streams, int batch);

}  // namespace graft::train

// Evaluates the weights of an executor.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "graft/train/graph/executor.h"
#include "graft/train/train.h"

namespace graft::train {

struct Validation {
  double loss = 0, accuracy = 0;         // plain_loss(), and the fraction of samples that are right
  std::vector<float> logits;             // (samples, classes)
  std::map<std::string, double> scores;  // `score`, if it is neither of these
};
/// Evaluates the first output on the samples as epoch 0 shows them: fixed running statistics, no dropout. `score`: a further score to compute
/// (eval/scores.h); empty: none.
Validation validate(Executor& executor, const Samples& samples, int batch, const std::string& score = {});

/// Those of kInformation and kTargetAccuracy that can be computed from the streams, on the samples as epoch 0 shows them.
std::map<std::string, double> scores_of_target(Executor& executor, const Streams& streams, int batch);

}  // namespace graft::train

// The labels that SHOT (Liang et al. 2020, 3.3) gives the target's samples by the network itself, anew before each epoch.
#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "graft/train/graph/executor.h"
#include "graft/train/train.h"

namespace graft::train {

/// Of features (N, F) and logits (N, K). Each class has a centre, the mean of the features weighted by the class's probability; each sample gets the class
/// whose centre is the nearest; then the same once more with the means of what was so labelled. Nearest by the cosine of the features with a 1 behind
/// them, brought to length 1, and among classes that are the most probable of a sample.
std::vector<int> pseudo_labels(const at::Tensor& features, const at::Tensor& logits);

/// Of samples as epoch 0 sees them, by the executor's weights with fixed statistics. Changes its modes.
std::vector<int> pseudo_labels(Executor& executor, const Samples& samples, int batch);

}  // namespace graft::train

// The pseudo-labels of SHOT (Liang et al. 2020, 3.3): before each epoch the network labels the target's samples itself.
#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "graft/train/graph/executor.h"
#include "graft/train/train.h"

namespace graft::train {

/// Pseudo-labels from features (N, F) and logits (N, K). The centroid of a class is the mean of the features weighted by the probability of the
/// class. Each sample gets the class with the nearest centroid; then this is repeated once with the means of the samples so labeled. Distance is by
/// cosine, on features with a 1 appended and scaled to length 1. Only classes that are the most probable one of some sample are considered.
std::vector<int> pseudo_labels(const at::Tensor& features, const at::Tensor& logits);

/// Pseudo-labels of samples as epoch 0 shows them, by the executor's weights with fixed running statistics. Changes the executor's modes.
std::vector<int> pseudo_labels(Executor& executor, const Samples& samples, int batch);

}  // namespace graft::train

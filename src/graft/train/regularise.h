// What keeps a training near its source: terms of the loss besides the Objective, as gradients that the loop adds. They are in no loss of the history.
#pragma once

#include <vector>

#include "graft/train/config.h"
#include "graft/train/executor.h"
#include "graft/transfer/groups.h"

namespace graft::train {

/// The groups that are trained. With l2_sp nothing below the head is decayed to 0.
std::vector<transfer::ParamGroup> groups_of(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config);

/// L2-SP (Li et al. 2018): adds strength * (w - source's w) to the gradient of every parameter below the head that trains, which is that of
/// strength / 2 * |w - source's w|^2. `source` has the executor's parameters.
void pull_to_source(Executor& executor, const graph::Graph& source, double strength);

struct Penalty {
  double loss;
  at::Tensor gradient;  // by what it is of, float32
};

/// Batch spectral shrinkage (Chen et al. 2019) of features (N, F), k = 1: the square of their smallest singular value.
Penalty spectral_shrinkage(const at::Tensor& features);

/// Co-Tuning (You et al. 2020) of the source head's logits (N, classes of the source): the sum of - sum_k t_k log softmax(logits)_k, where the rows of t
/// are the classes of the source that go with the samples' labels; a row sums to what its sample counts.
Penalty co_tuning(const at::Tensor& logits, const at::Tensor& t);

}  // namespace graft::train

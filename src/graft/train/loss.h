// From samples to a loss and its gradient: what every loop over batches does.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <span>
#include <vector>

#include "graft/train/executor.h"
#include "graft/train/train.h"

namespace graft::train {

/// (N, H, W, C), or whatever the graph's input is.
at::Tensor inputs_of(const graph::Graph& graph, const Samples& samples, uint64_t epoch, std::span<const std::size_t> which);
at::Tensor labels_of(const Samples& samples, std::span<const std::size_t> which);

/// What every stage of the plan does in this epoch.
std::vector<StageMode> modes_at(const transfer::Plan& plan, int epoch);
/// float32 or bf16.
at::ScalarType type_of(Storage storage);

struct Loss {
  double sum;           // over the batch
  int64_t right;        // samples whose class has the largest logit
  at::Tensor gradient;  // of sum / share
};
/// Cross-entropy with smoothed labels (Szegedy et al. 2016). `share`: the samples that an update is the mean of, at least this batch.
Loss cross_entropy(const at::Tensor& logits, const at::Tensor& labels, double smoothing, std::size_t share);

}  // namespace graft::train

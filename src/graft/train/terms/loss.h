// From samples to a loss and its gradient: what every loop over batches does.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <span>
#include <vector>

#include "graft/train/graph/executor.h"
#include "graft/train/train.h"

namespace graft::train {

/// (N, H, W, C), or whatever the graph's input is.
at::Tensor inputs_of(const graph::Graph& graph, const Fill& fill, uint64_t epoch, std::span<const std::size_t> which);
at::Tensor labels_of(const Samples& samples, std::span<const std::size_t> which);
/// (N, classes), 1 at the label of each or at all its classes.
at::Tensor targets_of(data::SingleLabel task, const Samples& samples, std::span<const std::size_t> which, int64_t classes);
at::Tensor targets_of(data::MultiLabel task, const Samples& samples, std::span<const std::size_t> which, int64_t classes);
at::Tensor targets_of(const Samples& samples, std::span<const std::size_t> which, int64_t classes);

/// What a step is shown.
struct Batch {
  at::Tensor inputs;   // as inputs_of
  at::Tensor targets;  // (N, classes): each class's share of the sample, or 1 for each that it has
  at::Tensor teacher;  // (N, classes): softmax of the teacher's logits / config.distill_temperature; undefined: there is none
  at::Tensor weights;  // (N): how much each sample counts; undefined: all alike
  data::Task task = {};
  bool each = false;                        // whether the loss of each sample is asked for
  std::vector<at::Tensor> unlabelled = {};  // by stream: inputs
  double progress = 0;                      // of the training, from 0 to 1
};
Batch batch_of(const graph::Graph& graph, const Samples& samples, const TrainConfig& config, uint64_t epoch, std::span<const std::size_t> which);

/// Samples whose largest target has the largest logit; of MultiLabel all_right().
int64_t right_of(data::SingleLabel task, const at::Tensor& logits, const at::Tensor& targets);
int64_t right_of(data::MultiLabel task, const at::Tensor& logits, const at::Tensor& targets);
int64_t right_of(const at::Tensor& logits, const Batch& batch);

/// (N, classes) times what each sample counts.
at::Tensor weighed(const at::Tensor& of_samples, const Batch& batch);

/// (N, classes), 1 at each label.
at::Tensor one_hot_targets(const at::Tensor& labels, int64_t classes);

/// What every stage of the plan does in this epoch; `running` as of StageMode.
std::vector<StageMode> modes_at(const transfer::Plan& plan, int epoch, double running = 0);

struct Loss {
  double sum;           // over the batch
  int64_t right;        // samples whose class has the largest logit
  at::Tensor gradient;  // of sum / share
};
/// Plain cross-entropy, by which validation judges whatever is minimised. `share`: the samples that an update is the mean of, at least this batch.
Loss cross_entropy(const at::Tensor& logits, const at::Tensor& labels, std::size_t share);
/// The same where samples may have any number of classes: of each sample the mean over the classes. A sample is right when all its classes are.
Loss binary_cross_entropy(const at::Tensor& logits, const at::Tensor& targets, std::size_t share);
/// Of the task's samples the one or the other.
Loss plain_loss(data::SingleLabel task, const Samples& samples, std::span<const std::size_t> which, const at::Tensor& logits);
Loss plain_loss(data::MultiLabel task, const Samples& samples, std::span<const std::size_t> which, const at::Tensor& logits);
Loss plain_loss(const Samples& samples, std::span<const std::size_t> which, const at::Tensor& logits);
/// Samples whose logits are at least 0 at just the classes that they have.
int64_t all_right(const at::Tensor& logits, const at::Tensor& targets);

}  // namespace graft::train

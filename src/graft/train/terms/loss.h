// From samples to a loss and its gradient: what every loop over batches needs.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <span>
#include <vector>

#include "graft/train/graph/executor.h"
#include "graft/train/train.h"

namespace graft::train {

/// The network's inputs for these samples: (N, H, W, C), or whatever shape the graph's input has.
at::Tensor inputs_of(const graph::Graph& graph, const Fill& fill, uint64_t epoch, std::span<const std::size_t> which);
at::Tensor labels_of(const Samples& samples, std::span<const std::size_t> which);
/// (N, classes): 1 at the sample's label, or at each of its classes.
at::Tensor targets_of(data::SingleLabel task, const Samples& samples, std::span<const std::size_t> which, int64_t classes);
at::Tensor targets_of(data::MultiLabel task, const Samples& samples, std::span<const std::size_t> which, int64_t classes);
at::Tensor targets_of(const Samples& samples, std::span<const std::size_t> which, int64_t classes);

/// The data of one training step.
struct Batch {
  at::Tensor inputs;   // as inputs_of
  at::Tensor targets;  // (N, classes): each class's share of the sample, or 1 for each that it has
  at::Tensor teacher;  // (N, classes): softmax of the teacher's logits / config.distill_temperature; undefined: no teacher
  at::Tensor weights;  // (N): the weight of each sample; undefined: all alike
  data::Task task = {};
  bool each = false;                        // whether the loss of each sample is wanted
  std::vector<at::Tensor> unlabelled = {};  // the inputs of each unlabeled stream
  double progress = 0;                      // of the training, from 0 to 1
};
Batch batch_of(const graph::Graph& graph, const Samples& samples, const TrainConfig& config, uint64_t epoch, std::span<const std::size_t> which);

/// The number of right samples: those whose largest target has the largest logit; for MultiLabel all_right().
int64_t right_of(data::SingleLabel task, const at::Tensor& logits, const at::Tensor& targets);
int64_t right_of(data::MultiLabel task, const at::Tensor& logits, const at::Tensor& targets);
int64_t right_of(const at::Tensor& logits, const Batch& batch);

/// Multiplies each row of (N, classes) by the weight of its sample.
at::Tensor weighed(const at::Tensor& of_samples, const Batch& batch);

/// (N, classes): 1 at the label of each sample.
at::Tensor one_hot_targets(const at::Tensor& labels, int64_t classes);

/// The mode of each stage of the plan in this epoch; `running` as in StageMode.
std::vector<StageMode> modes_at(const transfer::Plan& plan, int epoch, double running = 0);

struct Loss {
  double sum;           // over the batch
  int64_t right;        // samples whose class has the largest logit
  at::Tensor gradient;  // of sum / share, with respect to the logits
};
/// Plain cross-entropy: validation uses it whatever loss is minimized. `share`: the number of samples in the whole update, at least those of this
/// batch.
Loss cross_entropy(const at::Tensor& logits, const at::Tensor& labels, std::size_t share);
/// The same where samples may have any number of classes: for each sample the mean over the classes. A sample is right when all its classes are.
Loss binary_cross_entropy(const at::Tensor& logits, const at::Tensor& targets, std::size_t share);
/// Cross-entropy or binary cross-entropy, depending on the task of the samples.
Loss plain_loss(data::SingleLabel task, const Samples& samples, std::span<const std::size_t> which, const at::Tensor& logits);
Loss plain_loss(data::MultiLabel task, const Samples& samples, std::span<const std::size_t> which, const at::Tensor& logits);
Loss plain_loss(const Samples& samples, std::span<const std::size_t> which, const at::Tensor& logits);
/// The number of samples whose logits are at least 0 at exactly the classes that they have.
int64_t all_right(const at::Tensor& logits, const at::Tensor& targets);

}  // namespace graft::train

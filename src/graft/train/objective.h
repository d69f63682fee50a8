// What a training step minimises, in closed form: the loss of a batch's logits and its gradient.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <span>

#include "graft/train/config.h"
#include "graft/train/loss.h"

namespace graft::train {

/// Made once for a training. With targets t (a class's share of the sample), logits z, and p = softmax(z):
///   cross-entropy  - sum_k t_k log p_k
///   focal          - sum_k t_k (1 - p_k)^gamma log p_k (Lin et al. 2017, for several classes)
/// where, as the config says, t is smoothed (Szegedy et al. 2016), t_k is multiplied by the weight of class k (base/class_weights.h), and z has
/// tau * log(images of class k / all images) added (logit adjustment, Menon et al. 2021; with tau = 1 balanced softmax, Ren et al. 2020). That is of
/// training alone: predictions, and what counts as right, go by the plain logits.
/// Where the batch has a teacher's q = softmax(its logits / T), distillation (Hinton et al. 2015) with weight w:
///   (1 - w) * the above + w * T^2 * sum_k q_k log(q_k / softmax(z / T)_k), z as they are.
/// Where a sample may have any number of classes, with p = s(z), s the logistic function, and the weight w_k of positives (Imbalance::weights: negatives
/// of class k / positives; else 1), the mean over the classes, as PyTorch's BCEWithLogitsLoss has it:
///   cross-entropy  b_k = - w_k t_k log p_k - (1 - t_k) log(1 - p_k), t smoothed towards 1/2
///   focal          b_k (1 - t_k p_k - (1 - t_k) (1 - p_k))^gamma, as torchvision's sigmoid_focal_loss without its alpha
/// A sample is then right when all its classes are; other kinds of Imbalance are none.
/// Where the batch has weights, all of that of a sample is multiplied by its own.
class Objective {
 public:
  /// `labels` of the training samples, or where they may have any number of classes `targets` (samples, classes); Imbalance::automatic is none here.
  Objective(const TrainConfig& config, std::span<const int> labels, int64_t classes, std::span<const float> targets = {});

  /// logits: (N, classes), float32; of the batch, what it learns from. `share` as of cross_entropy. A sample is right when its largest target has the
  /// largest logit.
  Loss operator()(const at::Tensor& logits, const Batch& batch, std::size_t share) const;

 private:
  Loss of_any_number(const at::Tensor& logits, const Batch& batch, std::size_t share) const;

  int64_t classes_;
  double smoothing_, gamma_;         // gamma 0: cross-entropy
  double temperature_, weight_;      // of distillation
  at::Tensor weights_, adjustment_;  // by class; undefined: none
  bool any_number_;                  // of classes a sample; weights_ are then of positives
};

}  // namespace graft::train

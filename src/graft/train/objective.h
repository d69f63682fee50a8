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
class Objective {
 public:
  /// `labels` of the training samples; Imbalance::automatic is none here.
  Objective(const TrainConfig& config, std::span<const int> labels, int64_t classes);

  /// logits: (N, classes), float32; of the batch, what it learns from. `share` as of cross_entropy. A sample is right when its largest target has the
  /// largest logit.
  Loss operator()(const at::Tensor& logits, const Batch& batch, std::size_t share) const;

 private:
  int64_t classes_;
  double smoothing_, gamma_;         // gamma 0: cross-entropy
  double temperature_, weight_;      // of distillation
  at::Tensor weights_, adjustment_;  // by class; undefined: none
};

}  // namespace graft::train

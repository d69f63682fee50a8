// What the losses on labels share, so that each of them only has to state its formula: label smoothing, class and sample weights, logit adjustment.
//
// With one class a sample: given targets t (the share of each class in the sample, which may be mixed), logits z and p = softmax(z), a loss is a sum
// over the classes k that is linear in t_k. Depending on the config, t is smoothed (Szegedy et al. 2016), t_k is multiplied by the weight of class k
// (base/class_weights.h), and tau * log(images of class k / all images) is added to z (logit adjustment, Menon et al. 2021; with tau = 1 balanced
// softmax, Ren et al. 2020). The adjustment applies to the training loss only: predictions, and the count of right ones, use the plain logits.
// With any number of classes a sample: p = s(z), s being the logistic function, and a loss is the mean over the classes; t is smoothed towards 1/2,
// and positives have the weight w_k of Imbalance::weights (negatives of class k / positives). Other kinds of Imbalance have no effect.
// Where the batch has a teacher, the loss on labels is multiplied by the share that config.distill_weight leaves to it.
#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <string>

#include "graft/train/terms/term.h"

namespace graft::train {

inline constexpr double kSmallestRest = 1e-20;  // lower bound of 1 - p, so that its powers stay finite

/// (N, classes): the summands of the loss and their slopes. With one class a sample, slope_k is how much p of the sample is moved towards class k, so
/// that the gradient with respect to z_j is p_j * (sum of the slopes) - slope_j; with any number of classes, it is the gradient with respect to z
/// itself.
struct ByClass {
  at::Tensor loss, slope;
};

/// The inputs of a loss where a sample may have any number of classes; each tensor is (N, classes).
struct Chances {
  at::Tensor logits, p, q;  // q = 1 - p
  at::Tensor t, own;        // own: t times the weight of positives
};

struct LabelLoss {
  std::function<ByClass(const at::Tensor& log_p, const at::Tensor& t)> one;
  std::function<ByClass(const Chances& chances)> any;
};

/// With one class a sample: - t_k log p_k. With any number of classes: - w_k t_k log p_k - (1 - t_k) log(1 - p_k), as in PyTorch's BCEWithLogitsLoss.
ByClass surprise(const at::Tensor& log_p, const at::Tensor& t);
ByClass surprise(const Chances& chances);

/// The term with this formula. Imbalance::automatic has no effect here.
Term by_labels(const Training& training, const std::string& name, LabelLoss formula);

}  // namespace graft::train

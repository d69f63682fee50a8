// What losses by the labels share, so that each is its formula alone: labels smoothed, weighed by class and by sample, logits adjusted to the classes'
// sizes.
//
// Of one class a sample, with targets t (a class's share of the sample, mixed perhaps), logits z and p = softmax(z), a loss is a sum over the classes k
// that is linear in t_k. As the config says, t is smoothed (Szegedy et al. 2016), t_k is multiplied by the weight of class k (base/class_weights.h), and
// z has tau * log(images of class k / all images) added (logit adjustment, Menon et al. 2021; with tau = 1 balanced softmax, Ren et al. 2020). That is of
// training alone: predictions, and what counts as right, go by the plain logits.
// Where a sample may have any number of classes, p = s(z), s the logistic function, and a loss is the mean over the classes; t is smoothed towards 1/2,
// and positives have the weight w_k of Imbalance::weights (negatives of class k / positives). Other kinds of Imbalance are none.
// Where the batch has a teacher, the labels have the share of the loss that config.distill_weight leaves them.
#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <string>

#include "graft/train/terms/term.h"

namespace graft::train {

inline constexpr double kSmallestRest = 1e-20;  // of 1 - p, so that its powers stay numbers

/// (N, classes): the terms of the sum, and their slopes: of one class a sample by how much p of the sample is moved towards each class, so that the
/// gradient by z_j is p_j * (sum of the slopes) - slope_j; of any number of classes the gradient by z itself.
struct ByClass {
  at::Tensor loss, slope;
};

/// Of a sample that may have any number of classes, (N, classes).
struct Chances {
  at::Tensor logits, p, q;  // q = 1 - p
  at::Tensor t, own;        // own: t times the weight of positives
};

struct LabelLoss {
  std::function<ByClass(const at::Tensor& log_p, const at::Tensor& t)> one;
  std::function<ByClass(const Chances& chances)> any;
};

/// - t_k log p_k; of any number of classes - w_k t_k log p_k - (1 - t_k) log(1 - p_k), as PyTorch's BCEWithLogitsLoss has it.
ByClass surprise(const at::Tensor& log_p, const at::Tensor& t);
ByClass surprise(const Chances& chances);

/// Its formula as a term. Imbalance::automatic is none here.
Term by_labels(const Training& training, const std::string& name, LabelLoss formula);

}  // namespace graft::train

// Adversarial domain adaptation. A discriminator, a network of its own, learns to tell rows of the source (1) from rows of the target (0):
// - dann (Ganin et al. 2016): it is given the features; the network below them gets its gradient reversed and multiplied by reversal(progress);
// - cdan (Long et al. 2018, CDAN+E): it is given the multilinear map of features and class probabilities, and rows with confident predictions weigh
//   more; no gradient flows through the probabilities or the row weights, as in the authors' code;
// - confusion (Tzeng et al. 2015): the features are moved towards where it would output one half for every row, at full strength from the beginning.
#pragma once

#include <cstdint>
#include <memory>

#include "graft/train/terms/term.h"

namespace graft::train {

/// The factor of the reversed gradient: 2 / (1 + exp(-10 p)) - 1, where p is the progress of the training.
double reversal(double progress);

/// The multilinear map of features f and probabilities p is p (x) f, (N, classes * F), if that is at most kLargestMap numbers a row. Otherwise it is
/// approximated by (f A) * (p B) / sqrt(d), where A and B have d = kRandomMap columns of random signs.
inline constexpr int64_t kLargestMap = 4096, kRandomMap = 1024;
class MultilinearMap {
 public:
  MultilinearMap(int64_t features, int64_t classes, uint64_t seed);
  int64_t width() const;
  at::Tensor operator()(const at::Tensor& features, const at::Tensor& probabilities) const;
  /// The gradient with respect to the features, given the gradient with respect to the map.
  at::Tensor back(const at::Tensor& gradient, const at::Tensor& probabilities) const;

 private:
  int64_t features_, classes_;
  at::Tensor of_features_, of_classes_;  // (F, d), (classes, d); undefined: the full map is used
};

inline constexpr int64_t kDiscriminatorWidth = 1024;

/// Two hidden layers of kDiscriminatorWidth outputs with batch norm and ReLU, then one logit, as in tllib: the higher, the more a row looks like the
/// source's.
graph::Graph discriminator(int64_t inputs, uint64_t seed);

/// The adversarial term with the network `rival`, which must be a discriminator() for the inputs that the method gives it.
Term adversary(const Training& training, std::shared_ptr<Executor> rival);

}  // namespace graft::train

// Adaptation as a game against a discriminator, a network of its own that learns to tell the source's rows from the target's, 1 and 0:
// - dann (Ganin et al. 2016): it sees the features; they move against its gradient, reversed and times reversal(progress);
// - cdan (Long et al. 2018, CDAN+E): it sees the multilinear map of features and probabilities, and rows with clear answers count more; probabilities
//   and what rows count are taken as given, as the authors do;
// - confusion (Tzeng et al. 2015): the features move towards where it would say one half of each row, from the beginning.
#pragma once

#include <cstdint>
#include <memory>

#include "graft/train/terms/term.h"

namespace graft::train {

/// How much of the discriminator's gradient the features move against: 2 / (1 + exp(-10 p)) - 1.
double reversal(double progress);

/// The multilinear map is p (x) f, (N, classes * F), up to so many numbers a row; beyond, (f A) * (p B) / sqrt(d) with d = kRandomMap columns of random signs.
inline constexpr int64_t kLargestMap = 4096, kRandomMap = 1024;
class MultilinearMap {
 public:
  MultilinearMap(int64_t features, int64_t classes, uint64_t seed);
  int64_t width() const;
  at::Tensor operator()(const at::Tensor& features, const at::Tensor& probabilities) const;
  /// By the features, from that by the map.
  at::Tensor back(const at::Tensor& gradient, const at::Tensor& probabilities) const;

 private:
  int64_t features_, classes_;
  at::Tensor of_features_, of_classes_;  // (F, d), (classes, d); undefined: the whole map
};

inline constexpr int64_t kDiscriminatorWidth = 1024;

/// Two layers of so many outputs with batch norm and ReLU, then one number (tllib's): how much more a row looks like the source's.
graph::Graph discriminator(int64_t inputs, uint64_t seed);

/// The game with this network, which must be a discriminator() of what the method shows it.
Term adversary(const Training& training, std::shared_ptr<Executor> rival);

}  // namespace graft::train

// Distributionally robust optimisation over groups (group DRO; Sagawa, Koh, Hashimoto and Liang 2020): not the mean loss is minimised, but a mean over groups
// whose weights move towards the groups with the largest losses.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "graft/train/train.h"

namespace graft::train {

/// The weight q of each group, which begins alike and sums to 1. A sample of group g counts its own weight times q_g * (samples / samples of g), so that the loss is the sum
/// over the groups of q_g times the group's mean loss, in expectation over batches; the article draws groups equally often in its place.
class GroupWeights {
 public:
  /// `samples` must have groups; `step`: the article's eta.
  GroupWeights(const Samples& samples, double step);

  /// What each sample counts, in the order of the samples.
  std::vector<double> of_samples() const;

  /// After a step: q_g is multiplied by exp(step * loss of g), and all are brought to a sum of 1. losses: plain cross-entropy, of each sample of the batch. The
  /// loss of g is the sum over its samples there by the number of them that a batch of this size has in expectation: the group's mean loss in expectation, also of a
  /// group that few batches have a sample of. (The article's batches have samples of each group.)
  void update(std::span<const std::size_t> batch, std::span<const float> losses);

  /// By group, for checkpoints and records.
  const std::vector<double>& values() const { return values_; }
  /// As values() gave them, of the same samples.
  void restore(std::vector<double> values) { values_ = std::move(values); }

 private:
  const Samples& samples_;
  double step_;
  std::vector<double> values_, counts_;  // counts: samples of each group
};

}  // namespace graft::train

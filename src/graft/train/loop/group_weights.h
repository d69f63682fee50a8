// Distributionally robust optimization over groups (group DRO; Sagawa, Koh, Hashimoto and Liang 2020): instead of the mean loss, it minimizes a
// weighted mean over groups whose weights shift towards the groups with the largest losses.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "graft/train/train.h"

namespace graft::train {

/// The weight q of each group; the weights are equal at first and always sum to 1. The weight of a sample of group g is multiplied by q_g * (samples
/// / samples of g), so that the expected loss of a batch is the sum over the groups of q_g times the group's mean loss. (The article draws all groups
/// equally often instead.)
class GroupWeights {
 public:
  /// `samples` must have groups. `step` is the article's eta.
  GroupWeights(const Samples& samples, double step);

  /// The weight of each sample, in the order of the samples.
  std::vector<double> of_samples() const;

  /// To be called after a step: multiplies q_g by exp(step * loss of g), then scales all weights to a sum of 1. losses: the plain cross-entropy of
  /// each sample of the batch. The loss of g is the sum over its samples in the batch, divided by the number of them expected in a batch of this
  /// size: in expectation the group's mean loss, even for a group that few batches have a sample of. (The article's batches have samples of every
  /// group.)
  void update(std::span<const std::size_t> batch, std::span<const float> losses);

  /// The weight of each group, for checkpoints and records.
  const std::vector<double>& values() const { return values_; }
  /// Restores what values() returned for the same samples.
  void restore(std::vector<double> values) { values_ = std::move(values); }

 private:
  const Samples& samples_;
  double step_;
  std::vector<double> values_, counts_;  // counts_: the number of samples of each group
};

}  // namespace graft::train

// How far each class has been learned, as the sure answers for unlabeled photos tell it: the curriculum of FlexMatch (Zhang et al. 2021).
#pragma once

#include <ATen/ATen.h>

#include <cstddef>
#include <vector>

namespace graft::train {

/// Counts the sure answers of each class in an epoch; the counts of the epoch before decide which answers are taken. (The article counts the photos
/// whose last sure answer is the class, and goes by the counts so far.)
class LearningStatus {
 public:
  /// An answer is sure from the probability `sure` on. `by_class`: whether classes have thresholds of their own.
  LearningStatus(std::size_t classes, double sure, bool by_class);

  /// (classes), float64: the probability from which an answer is taken. With b the sure answers of a class as a part of the largest class's, in the
  /// epoch before: sure * b / (2 - b), but at least halfway from chance to `sure`, because a few steps' counts would let anything in (the article's
  /// epochs have thousands of steps); in the first epoch, and if no answer was sure, `sure`.
  at::Tensor thresholds() const;

  /// Of a step: the answers (rows) with their probabilities, and how many of them were taken.
  void add(const at::Tensor& answers, const at::Tensor& probabilities, int64_t taken);

  /// Part of the answers of this epoch that were taken; 0 of none.
  double taken() const;

  void next_epoch();

  /// For checkpoints: what it takes to go on from here.
  std::vector<double> values() const;
  void restore(const std::vector<double>& values);

 private:
  double sure_;
  bool by_class_;
  std::vector<double> before_, now_;  // sure answers by class, in the epoch before and in this one
  double seen_ = 0, taken_ = 0;       // answers of this epoch
};

}  // namespace graft::train

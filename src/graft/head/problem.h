// The data on which a head is solved, for any task: the walk of this layer.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "graft/data/task.h"
#include "graft/head/logistic.h"

namespace graft::head {

/// Refers to data that must outlive it.
struct Problem {
  Features features;
  int classes = 0;
  data::Task task = {};
  std::span<const int> labels = {};     // of SingleLabel: of each row
  std::span<const float> targets = {};  // of MultiLabel: (rows, classes) of 0 and 1
  /// For MultiLabel, any value but `none` makes positives and negatives of a class count the same.
  ClassWeights class_weights = {};
  std::span<const double> weights = {};      // of each row, at least 0; empty: all 1
  std::span<const std::string> groups = {};  // of each row, as in choose_l2 of logistic.h
};

/// The layer with this penalty, > 0.
LinearHead solve(data::SingleLabel task, const Problem& problem, double l2, ThreadPool& pool);
LinearHead solve(data::MultiLabel task, const Problem& problem, double l2, ThreadPool& pool);
LinearHead solve(const Problem& problem, double l2, ThreadPool& pool);

/// The penalty by cross-validation.
L2Choice choose_l2(data::SingleLabel task, const Problem& problem, uint64_t seed, ThreadPool& pool);
L2Choice choose_l2(data::MultiLabel task, const Problem& problem, uint64_t seed, ThreadPool& pool);
L2Choice choose_l2(const Problem& problem, uint64_t seed, ThreadPool& pool);

/// The cross-validation result for this single penalty.
L2Choice cross_validate(data::SingleLabel task, const Problem& problem, double l2, uint64_t seed, ThreadPool& pool);
L2Choice cross_validate(data::MultiLabel task, const Problem& problem, double l2, uint64_t seed, ThreadPool& pool);
L2Choice cross_validate(const Problem& problem, double l2, uint64_t seed, ThreadPool& pool);

}  // namespace graft::head

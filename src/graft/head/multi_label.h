// The classifier on frozen features if photos can have any number of classes: one logistic regression per class, with one penalty for all.
//
// Loss: sum over the classes of sum_i v_i * b_ik / sum_i v_i + l2 / 2 * ||w_k||^2, with w on standardized
// features, biases free, and b_ik = - p_k t_ik log s(z_ik) - (1 - t_ik) log(1 - s(z_ik)), s the logistic
// function, p_k the weight of positives: PyTorch's BCEWithLogitsLoss times the number of classes.
#pragma once

#include <span>
#include <vector>

#include "graft/head/logistic.h"

namespace graft::head {

struct MultiLabelOptions {
  double l2 = 0;                             // > 0; for choose_l2 the only one to try, or 0
  bool balanced = false;                     // p_k = negatives of the class / positives; else 1
  std::span<const double> weights = {};      // v_i, at least 0; empty: all 1
  std::span<const std::string> groups = {};  // for choose_l2, as in logistic.h
};

/// targets: (rows, classes) of 0 and 1. As fit_logistic: solved to 1e-7, the same bytes for any number of threads. Its logits go through the logistic
/// function. std::logic_error for wrong sizes; errors as fit_logistic.
LinearHead fit_multi_label(const Features& features, std::span<const float> targets, std::size_t classes, const MultiLabelOptions& options,
                           ThreadPool& pool);

/// Like the other choose_l2, with the loss above; the log loss of a score is its mean over held-out rows and classes,
/// its accuracy the fraction of single answers that are right. Folds are made by the rarest class of each row.
L2Choice choose_l2(const Features& features, std::span<const float> targets, std::size_t classes, const MultiLabelOptions& options, uint64_t seed,
                   ThreadPool& pool);

}  // namespace graft::head

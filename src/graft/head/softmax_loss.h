// The loss of logistic regression over one set of rows, for several fits at once: the folds of a cross-validation
// share every product with the rows, and because their parameters are separate, minimizing the sum minimizes each.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "graft/base/thread_pool.h"
#include "graft/head/kernels.h"

namespace graft::head {

/// Two classes need one output: by symmetry W = (-w/2, w/2), and l2/2 * ||W||^2 = l2/4 * ||w||^2.
inline std::size_t outputs_of(int classes) { return classes == 2 ? 1 : static_cast<std::size_t>(classes); }

/// The score of a fit for one row: -log of the probability of its label, and whether the label has the highest logit (ties: the lowest index).
struct RowScore {
  double log_loss;
  bool right;
};

/// Parameters of fit g: W (outputs, width) for every g, then the biases (outputs) for every g. X and T as in Products.
template <class X, class T>
class SoftmaxLoss {
 public:
  /// share[g * rows + i] is the weight of row i in fit g: sums to 1 over i, 0 leaves the row out. labels[i]
  /// is that of row i in every fit, or labels[g * rows + i] in fit g. All references outlive the object.
  SoftmaxLoss(const Block<X>& rows, std::span<const int> labels, int classes, std::vector<double> share, ThreadPool& pool);

  std::size_t parameters() const { return all_outputs_ * (rows_.width() + 1); }
  /// The sum over the fits, and its gradient.
  double evaluate(std::span<const double> parameters, double l2, std::span<double> gradient);
  /// Scores of row i under fit of[i]; where of[i] < 0 the entry is {0, false}.
  std::vector<RowScore> score(std::span<const double> parameters, std::span<const int> of);
  /// For several scores of one row: with these parameters, the row under this fit.
  void prepare_scores(std::span<const double> parameters) { multiply(parameters); }
  RowScore score_of(std::size_t row, std::size_t fit) const;
  /// Of the row under this fit, with the parameters scored last: (classes).
  void logits_of(std::size_t row, std::size_t fit, std::span<float> out) const;

 private:
  std::size_t label(std::size_t row, std::size_t fit) const {
    return static_cast<std::size_t>(labels_[labels_.size() == rows_.rows() ? row : fit * rows_.rows() + row]);
  }
  void multiply(std::span<const double> parameters);
  double residuals(std::size_t row, double* bias_gradient);
  void in_parallel(std::size_t count, const std::function<void(std::size_t)>& work);

  const Block<X>& rows_;
  std::span<const int> labels_;
  std::size_t outputs_, fits_, all_outputs_;
  std::vector<double> share_;
  ThreadPool& pool_;
  Block<T> weights_, gradient_;  // (all outputs, stride of the rows)
  Block<T> logits_;              // (rows, all outputs); overwritten by the residuals
};

}  // namespace graft::head

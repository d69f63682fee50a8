// The classifier on frozen features: multinomial logistic regression, and the choice of its only parameter. Head-only `fit` is this and nothing more.
//
// Loss: sum_i v_i * cross_entropy_i / sum_i v_i + l2 / 2 * ||W||^2, with W on standardized features (weighted mean 0, variance 1), the bias
// free, v_i the weight of the row's class (base/class_weights.h) times the row's own. Features constant up to float rounding get weight 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graft/base/class_weights.h"
#include "graft/base/thread_pool.h"

namespace graft::head {

/// A view of (rows, width) floats, row-major. NaN and infinity are an Error (data) naming the row, first row 0.
struct Features {
  std::span<const float> values;
  std::size_t rows, width;
  std::span<const float> row(std::size_t i) const { return values.subspan(i * width, width); }
};

/// logits = weight * x + bias on raw features: the standardization is folded in.
struct LinearHead {
  std::vector<float> weight;  // (classes, width)
  std::vector<float> bias;    // (classes)
  std::size_t classes, width;
};

struct LogisticOptions {
  double l2;  // > 0
  ClassWeights class_weights = {};
  int max_iterations = 500;
  std::span<const double> weights = {};  // of each row, at least 0; empty: all 1
};

/// L-BFGS (Liu and Nocedal 1989) in double precision until the gradient proves ||W - W*|| <= 1e-7 * ||W, bias|| (the loss is
/// l2-strongly convex in W), or until double precision ends. The same bytes for any number of threads on the same CPU type.
/// Fewer rows than features are solved in the space of the rows.
/// Labels below 0 or from `classes` up, l2 <= 0 and wrong sizes are std::logic_error.
LinearHead fit_logistic(const Features& features, std::span<const int> labels, int classes, const LogisticOptions& options, ThreadPool& pool);

struct L2Score {
  double l2, accuracy, log_loss;  // means over the held-out rows, weighted like the loss
  double standard_error;          // of log_loss
};
struct L2Choice {
  double l2;
  std::vector<L2Score> path;  // strong to weak, as far as the search went; empty without folds
  int folds;                  // 0 when no class has two rows: then l2 is kDefaultL2
  /// What each row added to the log loss of `l2` when it was held out (NaN if it never was); for a subsample if there are more than 10,000 rows. Empty
  /// without folds.
  std::vector<double> held_out = {};
  /// (these rows, classes): the answer of the head that was solved without the row; 0 for a row that was never held out.
  std::vector<float> held_out_logits = {};
  std::vector<std::size_t> rows = {};  // the subsample, ascending; empty: all rows
};
inline constexpr double kDefaultL2 = 1.0;

/// Stratified cross-validation on these (training) rows, at most 5 folds, fewer when no class has 5 rows. A class with m rows
/// is held out in min(m, folds) folds; a single row is never held out. The lowest held-out log loss wins. With more than 10,000
/// rows, a stratified subsample is used. Rows are standardized once, not per fold. `weights` of the rows as in LogisticOptions;
/// rows of weight 0 are ignored. `only`: the single penalty to try. Rows of one of the `groups` ("" and an empty list: none)
/// are held out together; a group with a class that no other group has is never held out. Errors as fit_logistic.
L2Choice choose_l2(const Features& features, std::span<const int> labels, int classes, const ClassWeights& class_weights, uint64_t seed,
                   ThreadPool& pool, std::span<const double> weights = {}, std::span<const std::string> groups = {}, std::optional<double> only = {});

/// (rows, classes) into `out`, summed in double precision.
void logits(const LinearHead& head, const Features& features, std::span<float> out);

}  // namespace graft::head

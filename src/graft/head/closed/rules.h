// Classifiers for a few photos, in closed form: each is a linear layer on features of length 1, and also
// gives its leave-one-out answer for each photo. All of them use only the products of the rows (their weights
// are sums of rows), so their cost depends on the number of photos and hardly on the number of features.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graft/base/thread_pool.h"
#include "graft/head/closed/few_rows.h"

namespace graft::head {

enum class Rule { prototypes, lda, ridge, logistic };
inline constexpr Rule kRules[] = {Rule::prototypes, Rule::lda, Rule::ridge, Rule::logistic};
std::string to_string(Rule rule);

struct Solved {
  LinearHead head;               // on rows of length 1
  std::vector<double> left_out;  // (rows, classes): the logits of each row by the rule solved without it; NaN if it is alone in its class
  double strength;               // lda: the shrinkage, 0 to 1; ridge: its penalty; logistic: its L2; prototypes: 0
};

/// The nearest class mean (SimpleShot, Wang et al. 2019): logits m . z - |m|^2 / 2, which are -|z - m|^2 / 2 up to a number that all classes share.
Solved solve_prototypes(const FewRows& rows);

/// Linear discriminant analysis for equally frequent classes: logits m S^-1 z - m S^-1 m / 2, S = (1 - s) C + s v I, C the
/// rows' covariance about their classes' means, v its mean variance, s the shrinkage of Ledoit and Wolf (2004). If each
/// class has one row, or equal rows, S is I, and the result is that of prototypes. `left_out` uses the s and v of all rows.
Solved solve_lda(const FewRows& rows);

/// Least squares on the classes' indicators with the penalty l |W|^2 and a free bias; every class
/// has the same total weight. l: the one of kRidgePenalties with the smallest squared error on
/// rows left out; kRidgeDefault if none can be left out. `left_out` uses the same row weights.
Solved solve_ridge(const FewRows& rows);
inline constexpr double kRidgePenalties[] = {0.01, 0.03, 0.1, 0.3, 1, 3, 10};
inline constexpr double kRidgeDefault = 1;
/// With that penalty.
Solved solve_ridge(const FewRows& rows, double penalty);

/// Logistic regression (logistic.h). `left_out`: by choose_l2's cross-validation in at most 5 folds.
Solved solve_logistic(const FewRows& rows, uint64_t seed, ThreadPool& pool);

Solved solve(Rule rule, const FewRows& rows, uint64_t seed, ThreadPool& pool);

}  // namespace graft::head

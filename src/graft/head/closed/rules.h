// Classifiers of a few photos, in closed form: each is a linear layer on features of length 1, and says what it would have said of each photo had it been
// solved without it. All of them look at the products of the rows alone (their weights are sums of rows), so that what they cost depends on the number
// of photos and hardly on the number of features.
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
  std::vector<double> left_out;  // (rows, classes): the logits of each row by the rule solved without it; NaN of one that is alone in its class
  double strength;               // lda: the shrinkage, 0 to 1; ridge: its penalty; logistic: its L2; prototypes: 0
};

/// The nearest mean of a class (SimpleShot, Wang et al. 2019): logits m . z - |m|^2 / 2, which are -|z - m|^2 / 2 but for a number that all classes share.
Solved solve_prototypes(const FewRows& rows);

/// Linear discriminant analysis with classes that are equally frequent: logits m S^-1 z - m S^-1 m / 2, S = (1 - s) C + s v I, C the rows' covariance
/// about their classes' means, v its mean variance, s the shrinkage of Ledoit and Wolf (2004). Of classes of one row each, or of equal rows, S is I: then these are
/// the prototypes. `left_out` keeps s and v as all rows have them.
Solved solve_lda(const FewRows& rows);

/// Least squares of the classes' indicators with the penalty l |W|^2 and a free bias, the rows of each class together counting as much as those of
/// another. l: of kRidgePenalties the one whose squared error on rows left out is least; kRidgeDefault where none can be left out. `left_out` keeps
/// the rows' weights.
Solved solve_ridge(const FewRows& rows);
inline constexpr double kRidgePenalties[] = {0.01, 0.03, 0.1, 0.3, 1, 3, 10};
inline constexpr double kRidgeDefault = 1;
/// With that penalty.
Solved solve_ridge(const FewRows& rows, double penalty);

/// Logistic regression (logistic.h). `left_out`: by choose_l2's cross-validation in at most 5 folds.
Solved solve_logistic(const FewRows& rows, uint64_t seed, ThreadPool& pool);

Solved solve(Rule rule, const FewRows& rows, uint64_t seed, ThreadPool& pool);

}  // namespace graft::head

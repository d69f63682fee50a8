// The rows of a fit in the form that the loss needs: standardized, and rotated into the space of the rows if there are fewer rows than features.
#pragma once

#include <span>
#include <vector>

#include "graft/base/thread_pool.h"
#include "graft/head/kernels.h"
#include "graft/head/logistic.h"

namespace graft::head {

/// std::logic_error unless sizes agree, classes >= 2 and every label is in 0 ... classes - 1.
void check_problem(const Features& features, std::span<const int> labels, int classes);

/// Error (data) names the first row with a NaN or infinite feature.
void check_finite(const Features& features);

/// One weight per row: that of its class times its own (empty: 1). std::logic_error for a wrong number of own weights.
std::vector<double> row_weights(std::span<const int> labels, int classes, const ClassWeights& class_weights, std::span<const double> own = {});

struct Standard {
  std::vector<double> mean, inverse_deviation;  // per feature; 0 for a constant feature
};
/// Weighted mean and standard deviation. A deviation that comes from few rows (n divided by the kurtosis: fewer than
/// 10) is raised at least to the median of the others, or of all if hardly any comes from more. Errors as check_finite.
Standard standardise(const Features& features, std::span<const double> weights, ThreadPool& pool);

/// The standardized rows X, as they are stored.
template <class X>
Block<X> standard_rows(const Features& features, const Standard& standard, ThreadPool& pool);

/// Whether `reduce` pays.
bool worth_reducing(const Features& features);

/// The Cholesky factor L of the Gram matrix, X X^T = L L^T. The best W for X is X^T A with L^T A = V, where V is the best for the rows of L,
/// and ||W|| = ||V||: the same problem with `rows` instead of `width` columns. Linearly dependent rows get a zero column.
Block<double> reduce(const Block<double>& rows, ThreadPool& pool);
/// From V (outputs, rows) back to W (outputs, width).
std::vector<double> expand(const Block<double>& factor, const Block<double>& rows, std::span<const double> v, std::size_t outputs);

}  // namespace graft::head

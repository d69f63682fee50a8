#include <algorithm>
#include <cmath>
#include <limits>

#include "graft/head/closed/dense.h"
#include "graft/head/closed/dual.h"
#include "graft/head/closed/rules.h"

namespace graft::head {
namespace {

/// The rows as the least squares want them: each class weighs the same, weighted means taken off.
struct Weighted {
  std::vector<double> root;      // of each row's weight, which is 1 in the mean
  std::vector<double> part;      // of the weight of all
  Block<double> centred;         // root_i (z_i - mean) . (z_j - mean) root_j
  Block<double> targets;         // (rows, classes): root_i (indicator - mean)
  std::vector<double> to_mean;   // z_i . mean
  std::vector<double> frequent;  // the mean of the indicators
};

Weighted weighted(const FewRows& rows) {
  const std::size_t n = rows.rows();
  const auto count = static_cast<double>(n), classes = static_cast<double>(rows.classes);
  Weighted w{.centred = Block<double>(n, n), .targets = Block<double>(n, rows.classes), .to_mean = std::vector<double>(n)};
  w.frequent.assign(rows.classes, 1 / classes);
  for (std::size_t i = 0; i < n; ++i) {
    const double weight = count / (classes * rows.sizes[rows.label(i)]);
    w.root.push_back(std::sqrt(weight));
    w.part.push_back(weight / count);
  }
  double mean = 0;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) w.to_mean[i] += rows.products.row(i)[j] * w.part[j];
    mean += w.to_mean[i] * w.part[i];
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) w.centred.row(i)[j] = w.root[i] * w.root[j] * (rows.products.row(i)[j] - w.to_mean[i] - w.to_mean[j] + mean);
    for (std::size_t k = 0; k < rows.classes; ++k) w.targets.row(i)[k] = w.root[i] * ((rows.label(i) == k ? 1 : 0) - w.frequent[k]);
  }
  return w;
}

/// (centred + penalty I)^-1.
Block<double> inverse(const Weighted& w, double penalty) {
  const std::size_t n = w.root.size();
  Block<double> system = copy_of(w.centred), inverse(n, n);
  for (std::size_t i = 0; i < n; ++i) {
    system.row(i)[i] += penalty;
    inverse.row(i)[i] = 1;
  }
  factor(system);
  solve_factored(system, inverse);
  return inverse;
}

/// By the hat matrix: the row less what is left of it over 1 - its own part in its answer. `inverse` of inverse(), of which the roots are an eigenvector
/// of value 1 / penalty, so that the rows' parts in the mean are all that the centring adds.
std::vector<double> without_each_row(const FewRows& rows, const Weighted& w, const Block<double>& inverse, double penalty) {
  const Block<double> residual = times(inverse, w.targets);
  std::vector<double> logits;
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const double own = w.part[i] + 1 - penalty * inverse.row(i)[i];
    for (std::size_t k = 0; k < rows.classes; ++k) {
      const double left = penalty * residual.row(i)[k] / w.root[i];
      const double indicator = rows.label(i) == k ? 1 : 0;
      logits.push_back(rows.sizes[rows.label(i)] < 2 ? std::numeric_limits<double>::quiet_NaN() : indicator - left / (1 - own));
    }
  }
  return logits;
}

Solved solve_with(const FewRows& rows, const Weighted& w, double penalty) {
  const Block<double> inverted = inverse(w, penalty);
  Block<double> weights = times(inverted, w.targets);  // their sum over the rows is 0, as a free bias makes it
  std::vector<double> bias = w.frequent;
  for (std::size_t i = 0; i < rows.rows(); ++i)
    for (std::size_t k = 0; k < rows.classes; ++k) {
      weights.row(i)[k] *= w.root[i];
      bias[k] -= w.to_mean[i] * weights.row(i)[k];
    }
  return {layer_of(rows, weights, bias), without_each_row(rows, w, inverted, penalty), penalty};
}

/// Of the rows that can be left out; each class counts the same.
double squared_error(const FewRows& rows, const Weighted& w, const std::vector<double>& left_out) {
  double sum = 0;
  for (std::size_t i = 0; i < rows.rows(); ++i)
    for (std::size_t k = 0; rows.sizes[rows.label(i)] > 1 && k < rows.classes; ++k)
      sum += w.part[i] * std::pow(left_out[i * rows.classes + k] - (rows.label(i) == k ? 1 : 0), 2);
  return sum;
}

}  // namespace

Solved solve_ridge(const FewRows& rows, double penalty) { return solve_with(rows, weighted(rows), penalty); }

Solved solve_ridge(const FewRows& rows) {
  const Weighted w = weighted(rows);
  if (std::ranges::all_of(rows.sizes, [](double size) { return size < 2; })) return solve_with(rows, w, kRidgeDefault);
  double best = kRidgeDefault, least = std::numeric_limits<double>::infinity();
  for (const double penalty : kRidgePenalties) {
    const double error = squared_error(rows, w, without_each_row(rows, w, inverse(w, penalty), penalty));
    if (error < least) {
      best = penalty;
      least = error;
    }
  }
  return solve_with(rows, w, best);
}

}  // namespace graft::head

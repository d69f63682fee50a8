// Prototypes and LDA: the same rule with another covariance.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "graft/head/closed/dense.h"
#include "graft/head/closed/dual.h"
#include "graft/head/closed/rules.h"

namespace graft::head {
namespace {

/// (rows, classes): how much of each row is in the mean of each class.
Block<double> means_of(const FewRows& rows) {
  Block<double> means(rows.rows(), rows.classes);
  for (std::size_t i = 0; i < rows.rows(); ++i) means.row(i)[rows.label(i)] = 1 / rows.sizes[rows.label(i)];
  return means;
}

/// Takes the mean over the class from the rows of `a`: the rows' own centring when `a` has a row for each of them.
void centre_by_class(const FewRows& rows, Block<double>& a) {
  Block<double> mean(rows.classes, a.width());
  for (std::size_t i = 0; i < rows.rows(); ++i)
    for (std::size_t j = 0; j < a.width(); ++j) mean.row(rows.label(i))[j] += a.row(i)[j] / rows.sizes[rows.label(i)];
  for (std::size_t i = 0; i < rows.rows(); ++i)
    for (std::size_t j = 0; j < a.width(); ++j) a.row(i)[j] -= mean.row(rows.label(i))[j];
}

Block<double> turned(const Block<double>& a) {
  Block<double> t(a.width(), a.rows());
  for (std::size_t i = 0; i < a.rows(); ++i)
    for (std::size_t j = 0; j < a.width(); ++j) t.row(j)[i] = a.row(i)[j];
  return t;
}

/// S of solve_lda: part of the identity and mean variance.
struct Shrinkage {
  double part, variance;
};

/// `centred`: the products of the rows about their classes' means. Nothing where they do not differ from them beyond rounding.
std::optional<Shrinkage> ledoit_wolf(const Block<double>& centred, double width) {
  const auto n = static_cast<double>(centred.rows());
  double trace = 0, square = 0, fourth = 0;
  for (std::size_t i = 0; i < centred.rows(); ++i) {
    trace += centred.row(i)[i] / n;
    fourth += centred.row(i)[i] * centred.row(i)[i] / n;
    for (std::size_t j = 0; j < centred.rows(); ++j) square += centred.row(i)[j] * centred.row(i)[j] / (n * n);
  }
  if (!(trace > 1e-12)) return std::nullopt;  // rows have length 1 in single precision
  const double spread = square - trace * trace / width;
  return Shrinkage{spread > 0 ? std::clamp((fourth - square) / n / spread, 0.0, 1.0) : 1.0, trace / width};
}

/// What the rules say of each row without it. `seen`: z_i N^-1 z_j, where the covariance is `scale` times N, of which the row takes its part away where `by_row`.
std::vector<double> without_each(const FewRows& rows, const Block<double>& seen, double scale, bool by_row) {
  const Block<double> b = means_of(rows), of_means = times(seen, b), between = times(turned(b), of_means);
  std::vector<double> logits;
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const std::size_t own = rows.label(i);
    const double n = rows.sizes[own];
    if (n < 2) {
      logits.insert(logits.end(), rows.classes, std::numeric_limits<double>::quiet_NaN());
      continue;
    }
    const double* zm = of_means.row(i);
    const double zz = seen.row(i)[i], mm = between.row(own)[own];
    const double dz = zz - zm[own], dd = zz - 2 * zm[own] + mm;             // d: the row less its class's mean
    const double gain = by_row ? n / (n - 1) / (1 - n / (n - 1) * dd) : 0;  // Sherman and Morrison
    for (std::size_t k = 0; k < rows.classes; ++k) {
      double z_mean = zm[k], d_mean = zm[k] - between.row(own)[k], mean_mean = between.row(k)[k];
      if (k == own) {  // its mean without the row is m - d / (n - 1)
        mean_mean += (dd / (n - 1) - 2 * d_mean) / (n - 1);
        z_mean -= dz / (n - 1);
        d_mean -= dd / (n - 1);
      }
      logits.push_back((z_mean + gain * dz * d_mean - (mean_mean + gain * d_mean * d_mean) / 2) / scale);
    }
  }
  return logits;
}

/// The layer whose weights are these sums of rows: logits w . z - m . w / 2.
LinearHead nearest_mean(const FewRows& rows, const Block<double>& weights) {
  const Block<double> means = means_of(rows), seen = times(rows.products, weights);
  std::vector<double> bias(rows.classes);
  for (std::size_t i = 0; i < rows.rows(); ++i)
    for (std::size_t k = 0; k < rows.classes; ++k) bias[k] -= means.row(i)[k] * seen.row(i)[k] / 2;
  return layer_of(rows, weights, bias);
}

/// (products - products centred^T (centred centred^T + shift I)^-1 centred products) / shift: of the inverse of C + shift I for the rows' scatter C.
Block<double> through_inverse(const FewRows& rows, const Block<double>& half_centred, const Block<double>& centred, double shift) {
  Block<double> system = copy_of(centred);
  for (std::size_t i = 0; i < system.rows(); ++i) system.row(i)[i] += shift;
  factor(system);
  Block<double> solved = copy_of(half_centred);
  solve_factored(system, solved);
  const Block<double> part = times(turned(half_centred), solved);
  Block<double> seen = copy_of(rows.products);
  for (std::size_t i = 0; i < seen.rows(); ++i)
    for (std::size_t j = 0; j < seen.width(); ++j) seen.row(i)[j] = (seen.row(i)[j] - part.row(i)[j]) / shift;
  return seen;
}

}  // namespace

Solved solve_prototypes(const FewRows& rows) { return {nearest_mean(rows, means_of(rows)), without_each(rows, rows.products, 1, false), 0}; }

Solved solve_lda(const FewRows& rows) {
  const auto n = static_cast<double>(rows.rows());
  Block<double> half = copy_of(rows.products);
  centre_by_class(rows, half);
  Block<double> centred = turned(half);
  centre_by_class(rows, centred);
  const auto shrinkage = ledoit_wolf(centred, static_cast<double>(rows.width));
  Block<double> weights = means_of(rows);
  if (!shrinkage || shrinkage->part >= 1) {
    const double variance = shrinkage ? shrinkage->variance : 1;
    for (double& value : weights.all()) value /= variance;
    return {nearest_mean(rows, weights), without_each(rows, rows.products, variance, false), 1};
  }
  // S = (1 - s) / n (scatter + shift I); without a row the scatter is divided by n - 1.
  const double part = shrinkage->part, identity = std::max(part, 1e-6) * shrinkage->variance;
  const double shift = identity * n / (1 - part);
  Block<double> system = copy_of(centred);
  for (std::size_t i = 0; i < system.rows(); ++i) system.row(i)[i] += shift;
  factor(system);
  Block<double> inside = times(half, weights);
  solve_factored(system, inside);
  centre_by_class(rows, inside);
  for (std::size_t i = 0; i < rows.rows(); ++i)
    for (std::size_t k = 0; k < rows.classes; ++k) weights.row(i)[k] = (weights.row(i)[k] - inside.row(i)[k]) / identity;
  const Block<double> seen = through_inverse(rows, half, centred, identity * (n - 1) / (1 - part));
  return {nearest_mean(rows, weights), without_each(rows, seen, (1 - part) / (n - 1), true), part};
}

}  // namespace graft::head

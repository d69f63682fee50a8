#include "graft/head/transferability.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <vector>

#include "graft/head/design.h"
#include "graft/head/spectrum.h"

namespace graft::head {
namespace {

constexpr std::size_t kGramStripe = 32;
constexpr double kRank = 1e-11;  // of the largest eigenvalue: below it an eigenvalue is rounding
constexpr int kSteps = 11;
constexpr double kSettled = 1e-3, kNotZero = 1e-5;  // as the authors of LogME have them

/// The singular values of the rows (rows, width), squared, and what each left singular vector has of the classes' indicators.
struct Decomposed {
  std::vector<double> squares;
  std::vector<double> of_class;  // (squares, classes)
};

Decomposed decompose(const Block<double>& rows, std::span<const int> labels, std::size_t classes, ThreadPool& pool) {
  const bool by_columns = rows.width() < rows.rows();
  Block<double> turned;
  if (by_columns) {
    turned = Block<double>(rows.width(), rows.rows());
    for (std::size_t i = 0; i < rows.rows(); ++i)
      for (std::size_t c = 0; c < rows.width(); ++c) turned.row(c)[i] = rows.row(i)[c];
  }
  const Block<double>& x = by_columns ? turned : rows;
  const std::size_t n = x.rows();
  Block<double> gram(n, n), seen(n, classes);
  pool.parallel_for((n + kGramStripe - 1) / kGramStripe, [&](std::size_t task) {
    const std::size_t first = task * kGramStripe, count = std::min(kGramStripe, n - first);
    products<double, double>().dots(x.row(first), count, x.stride(), x.row(0), first + count, x.stride(), x.stride(), gram.row(first), gram.stride());
  });
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const auto label = static_cast<std::size_t>(labels[i]);
    if (by_columns)
      for (std::size_t c = 0; c < n; ++c) seen.row(c)[label] += rows.row(i)[c];
    else seen.row(i)[label] = 1;
  }
  const Spectrum spectrum = spectrum_of(std::move(gram), std::move(seen), pool);
  const double smallest = kRank * *std::ranges::max_element(spectrum.values);
  Decomposed found;
  for (std::size_t j = 0; j < n; ++j) {
    if (!(spectrum.values[j] > smallest)) continue;
    found.squares.push_back(spectrum.values[j]);
    const double scale = by_columns ? 1 / std::sqrt(spectrum.values[j]) : 1;
    for (std::size_t k = 0; k < classes; ++k) found.of_class.push_back(scale * spectrum.seen.row(j)[k]);
  }
  return found;
}

/// The evidence of a regression of n targets whose squares sum to `length`, which singular vector j has x[j] of.
double evidence(std::span<const double> squares, std::span<const double> x, double length, double n) {
  double outside = length;
  for (const double part : x) outside -= part * part;
  outside = std::max(outside, 0.0);
  const auto rank = static_cast<double>(squares.size());
  double alpha = 1, beta = 1, found = 0;  // precisions of weights and noise
  for (int step = 0; step < kSteps; ++step) {
    const double t = alpha / beta;
    double used = 0, weights = 0, residual = outside;
    for (std::size_t j = 0; j < squares.size(); ++j) {
      const double sum = squares[j] + t;
      used += squares[j] / sum;
      weights += squares[j] * x[j] * x[j] / (sum * sum);
      residual += x[j] * x[j] * t * t / (sum * sum);
    }
    alpha = used / (weights + kNotZero);
    beta = (n - used) / (residual + kNotZero);
    found = rank / 2 * std::log(alpha) + n / 2 * std::log(beta) - beta / 2 * residual - alpha / 2 * weights - n / 2 * std::log(2 * std::numbers::pi);
    for (const double square : squares) found -= std::log(alpha + beta * square) / 2;
    if (std::abs(alpha / beta - t) / t <= kSettled) break;
  }
  return found / n;
}

std::vector<double> rows_of_classes(std::span<const int> labels, int classes) {
  std::vector<double> counts(static_cast<std::size_t>(classes));
  for (const int label : labels) counts[static_cast<std::size_t>(label)] += 1;
  return counts;
}

Standard as_they_are(std::size_t width) { return {std::vector<double>(width, 0.0), std::vector<double>(width, 1.0)}; }

}  // namespace

double logme(const Features& features, std::span<const int> labels, int classes, ThreadPool& pool) {
  check_problem(features, labels, classes);
  check_finite(features);
  const Block<double> rows = standard_rows<double>(features, as_they_are(features.width), pool);
  const Decomposed found = decompose(rows, labels, static_cast<std::size_t>(classes), pool);
  const std::vector<double> counts = rows_of_classes(labels, classes);
  double sum = 0, present = 0;
  std::vector<double> x(found.squares.size());
  for (std::size_t k = 0; k < counts.size(); ++k) {
    if (counts[k] == 0) continue;
    for (std::size_t j = 0; j < x.size(); ++j) x[j] = found.of_class[j * counts.size() + k];
    sum += evidence(found.squares, x, counts[k], static_cast<double>(features.rows));
    present += 1;
  }
  return sum / present;
}

double h_score(const Features& features, std::span<const int> labels, int classes, bool shrunk, ThreadPool& pool) {
  check_problem(features, labels, classes);
  check_finite(features);
  const auto n = static_cast<double>(features.rows), width = static_cast<double>(features.width);
  Standard centred = standardise(features, std::vector<double>(features.rows, 1.0), pool);
  for (double& factor : centred.inverse_deviation) factor = factor > 0 ? 1 : 0;  // constant up to rounding: 0
  const Block<double> rows = standard_rows<double>(features, centred, pool);
  const Decomposed found = decompose(rows, labels, static_cast<std::size_t>(classes), pool);
  double shift = 0;  // of the squares: what the shrinkage adds to each
  if (shrunk) {
    double trace = 0, square = 0, fourth = 0;
    for (const double s : found.squares) trace += s / n, square += s * s / (n * n);
    for (std::size_t i = 0; i < rows.rows(); ++i) {
      double length = 0;
      for (std::size_t c = 0; c < rows.width(); ++c) length += rows.row(i)[c] * rows.row(i)[c];
      fourth += length * length / n;
    }
    const double spread = square - trace * trace / width;  // how far the covariance is from mu times the identity
    const double part = spread > 0 ? std::min(1.0, (fourth - square) / n / spread) : 1;
    if (part >= 1) return 0;
    shift = part * trace / width * n / (1 - part);
  }
  const std::vector<double> counts = rows_of_classes(labels, classes);
  double score = 0;
  for (std::size_t j = 0; j < found.squares.size(); ++j)
    for (std::size_t k = 0; k < counts.size(); ++k) {
      const double x = found.of_class[j * counts.size() + k];
      if (counts[k] > 0) score += found.squares[j] / (found.squares[j] + shift) * x * x / counts[k];
    }
  return score;
}

double effective_rank(const Features& features, ThreadPool& pool) {
  check_finite(features);
  const std::vector<int> none(features.rows);
  const std::vector<double> squares = decompose(standard_rows<double>(features, as_they_are(features.width), pool), none, 1, pool).squares;
  double sum = 0, entropy = 0;
  for (const double square : squares) sum += std::sqrt(square);
  for (const double square : squares) entropy -= std::sqrt(square) / sum * std::log(std::sqrt(square) / sum);
  return std::exp(entropy);
}

double nearest_accuracy(const Features& features, std::span<const int> labels, int classes, ThreadPool& pool) {
  check_problem(features, labels, classes);
  check_finite(features);
  Block<double> rows = standard_rows<double>(features, as_they_are(features.width), pool);
  const std::size_t n = rows.rows(), most = std::min(kNearest, n - 1);
  for (std::size_t i = 0; i < n; ++i) {
    const std::span<double> row(rows.row(i), rows.width());
    const double length = std::sqrt(std::inner_product(row.begin(), row.end(), row.begin(), 0.0));
    for (double& value : row) value = length > 0 ? value / length : 0;
  }
  std::vector<char> right(n);
  pool.parallel_for((n + kGramStripe - 1) / kGramStripe, [&](std::size_t task) {
    const std::size_t first = task * kGramStripe, count = std::min(kGramStripe, n - first);
    Block<double> cosines(count, n);
    products<double, double>().dots(rows.row(first), count, rows.stride(), rows.row(0), n, rows.stride(), rows.stride(), cosines.row(0),
                                    cosines.stride());
    for (std::size_t i = 0; i < count; ++i) {
      const double* cosine = cosines.row(i);
      std::vector<std::size_t> others(n);
      std::iota(others.begin(), others.end(), 0);
      others.erase(others.begin() + static_cast<std::ptrdiff_t>(first + i));
      const auto nearer = [&](std::size_t a, std::size_t b) { return cosine[a] != cosine[b] ? cosine[a] > cosine[b] : a < b; };
      std::ranges::partial_sort(others, others.begin() + static_cast<std::ptrdiff_t>(most), nearer);
      std::vector<double> votes(static_cast<std::size_t>(classes));
      for (const std::size_t other : std::span(others).first(most))
        votes[static_cast<std::size_t>(labels[other])] += std::exp(cosine[other] / kVoteTemperature);
      right[first + i] = std::ranges::max_element(votes) - votes.begin() == labels[first + i];
    }
  });
  return static_cast<double>(std::ranges::count(right, 1)) / static_cast<double>(n);
}

}  // namespace graft::head

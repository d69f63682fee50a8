#include "graft/head/closed/transport.h"

#include <algorithm>
#include <cmath>

namespace graft::head {
namespace {

constexpr double kSharpness = 10, kMoveBy = 0.2;  // lambda and alpha of the paper
constexpr int kMoves = 20, kMostScalings = 1000;
constexpr double kBalanced = 1e-3;  // of what a class is to have, as the paper's code

/// -lambda |z - m|^2, the largest of a row taken off.
void costs(const Block<double>& queries, const Block<double>& means, Block<double>& out) {
  products<double, double>().dots(queries.row(0), queries.rows(), queries.stride(), means.row(0), means.rows(), means.stride(), means.stride(),
                                  out.row(0), out.stride());
  for (std::size_t k = 0; k < means.rows(); ++k) {
    double square = 0;
    for (std::size_t c = 0; c < means.width(); ++c) square += means.row(k)[c] * means.row(k)[c];
    for (std::size_t i = 0; i < queries.rows(); ++i) out.row(i)[k] = kSharpness * (2 * out.row(i)[k] - square);
  }
  for (std::size_t i = 0; i < queries.rows(); ++i) {
    const double highest = *std::max_element(out.row(i), out.row(i) + means.rows());
    for (std::size_t k = 0; k < means.rows(); ++k) out.row(i)[k] -= highest;
  }
}

/// Rows that sum to 1 and columns that sum to the same.
void balance(Block<double>& p) {
  const double each = static_cast<double>(p.rows()) / static_cast<double>(p.width());
  for (int scaling = 0; scaling < kMostScalings; ++scaling) {
    std::vector<double> sums(p.width());
    for (std::size_t i = 0; i < p.rows(); ++i) {
      double sum = 0;
      for (std::size_t k = 0; k < p.width(); ++k) sum += p.row(i)[k];
      for (std::size_t k = 0; k < p.width(); ++k) sums[k] += p.row(i)[k] /= sum;
    }
    double worst = 0;
    for (const double sum : sums) worst = std::max(worst, std::abs(sum - each) / each);
    if (worst <= kBalanced) return;
    if (scaling + 1 == kMostScalings) return;  // as near as it comes; rows sum to 1
    for (std::size_t i = 0; i < p.rows(); ++i)
      for (std::size_t k = 0; k < p.width(); ++k) p.row(i)[k] *= each / std::max(sums[k], 1e-300);
  }
}

/// Moves the means towards those of all rows, of the support and of the queries as far as they are the class's.
void move(Block<double>& means, const FewRows& rows, const Block<double>& queries, const Block<double>& p) {
  Block<double> all(means.rows(), means.width());
  std::vector<double> weight = rows.sizes;
  for (std::size_t i = 0; i < rows.rows(); ++i)
    for (std::size_t c = 0; c < rows.width; ++c) all.row(rows.label(i))[c] += static_cast<double>(rows.values[i * rows.width + c]);
  for (std::size_t i = 0; i < queries.rows(); ++i)
    for (std::size_t k = 0; k < means.rows(); ++k) {
      weight[k] += p.row(i)[k];
      for (std::size_t c = 0; c < means.width(); ++c) all.row(k)[c] += p.row(i)[k] * queries.row(i)[c];
    }
  for (std::size_t k = 0; k < means.rows(); ++k)
    for (std::size_t c = 0; c < means.width(); ++c) means.row(k)[c] += kMoveBy * (all.row(k)[c] / weight[k] - means.row(k)[c]);
}

}  // namespace

std::vector<double> transport(const FewRows& rows, std::span<const float> queries) {
  const std::size_t count = queries.size() / rows.width;
  Block<double> q(count, rows.width), means(rows.classes, rows.width), p(count, rows.classes);
  for (std::size_t i = 0; i < count; ++i) std::ranges::copy(queries.subspan(i * rows.width, rows.width), q.row(i));
  for (std::size_t i = 0; i < rows.rows(); ++i)
    for (std::size_t c = 0; c < rows.width; ++c)
      means.row(rows.label(i))[c] += static_cast<double>(rows.values[i * rows.width + c]) / rows.sizes[rows.label(i)];
  for (int moved = 0; moved < kMoves; ++moved) {
    if (moved > 0) move(means, rows, q, p);
    costs(q, means, p);
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t k = 0; k < rows.classes; ++k) p.row(i)[k] = std::exp(p.row(i)[k]);
    balance(p);
  }
  std::vector<double> out;
  for (std::size_t i = 0; i < count; ++i) out.insert(out.end(), p.row(i), p.row(i) + rows.classes);
  return out;
}

}  // namespace graft::head

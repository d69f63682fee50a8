#include "graft/head/closed/dense.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace graft::head {
namespace {

/// y -= factor x, from `first` to `end`.
void subtract(double* y, const double* x, double factor, std::size_t first, std::size_t end) {
  for (std::size_t j = first; j < end; ++j) y[j] -= factor * x[j];
}

}  // namespace

Block<double> copy_of(const Block<double>& a) {
  Block<double> copy(a.rows(), a.width());
  std::copy(a.row(0), a.row(0) + a.rows() * a.stride(), copy.row(0));
  return copy;
}

Block<double> times(const Block<double>& a, const Block<double>& b) {
  Block<double> c(a.rows(), b.width());
  for (std::size_t i = 0; i < a.rows(); ++i)
    for (std::size_t k = 0; k < a.width(); ++k) subtract(c.row(i), b.row(k), -a.row(i)[k], 0, b.width());
  return c;
}

void factor(Block<double>& a) {
  const std::size_t n = a.rows();
  for (std::size_t k = 0; k < n; ++k) {
    double* row = a.row(k);
    if (!(row[k] > 0)) throw std::logic_error("head: a matrix is not positive definite");
    const double pivot = std::sqrt(row[k]);
    for (std::size_t j = k; j < n; ++j) row[j] /= pivot;
    for (std::size_t i = k + 1; i < n; ++i) subtract(a.row(i), row, row[i], i, n);
  }
}

void solve_factored(const Block<double>& u, Block<double>& b) {
  const std::size_t n = u.rows(), width = b.width();
  const auto divide = [&](std::size_t k) {
    for (std::size_t c = 0; c < width; ++c) b.row(k)[c] /= u.row(k)[k];
  };
  for (std::size_t k = 0; k < n; ++k) {
    divide(k);
    for (std::size_t i = k + 1; i < n; ++i) subtract(b.row(i), b.row(k), u.row(k)[i], 0, width);
  }
  for (std::size_t k = n; k-- > 0;) {
    for (std::size_t j = k + 1; j < n; ++j) subtract(b.row(k), b.row(j), u.row(k)[j], 0, width);
    divide(k);
  }
}

}  // namespace graft::head

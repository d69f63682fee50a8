#include "graft/head/spectrum.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace graft::head {
namespace {

constexpr std::size_t kRowsOfATask = 64;
constexpr int kMostSweeps = 60;  // of one eigenvalue, which takes two or three

/// The lower triangle of A becomes tridiagonal; its reflections meet B.
void tridiagonalise(Block<double>& a, Block<double>& b, std::vector<double>& diagonal, std::vector<double>& off, ThreadPool& pool) {
  const std::size_t n = a.rows(), columns = b.width();
  std::vector<double> v(n), p(n), along(columns);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = i + 1; j < n; ++j) a.row(i)[j] = a.row(j)[i];
  for (std::size_t k = 0; k + 1 < n; ++k) {
    diagonal[k] = a.row(k)[k];
    const std::size_t first = k + 1;
    double square = 0;
    for (std::size_t i = first; i < n; ++i) square += (v[i] = a.row(k)[i]) * v[i];
    off[k] = v[first] > 0 ? -std::sqrt(square) : std::sqrt(square);
    v[first] -= off[k];
    const double length = square - off[k] * a.row(k)[first];  // half of |v|^2
    if (!(length > 0)) continue;
    const std::size_t tasks = (n - first + kRowsOfATask - 1) / kRowsOfATask;
    const auto rows_of = [&](std::size_t task) { return std::pair{first + task * kRowsOfATask, std::min(n, first + (task + 1) * kRowsOfATask)}; };
    pool.parallel_for(tasks, [&](std::size_t task) {
      const auto [from, to] = rows_of(task);
      for (std::size_t i = from; i < to; ++i) {
        const double* row = a.row(i);
        double sums[8] = {};
        std::size_t j = first;
        for (; j + 8 <= n; j += 8)
          for (std::size_t s = 0; s < 8; ++s) sums[s] += row[j + s] * v[j + s];
        for (; j < n; ++j) sums[0] += row[j] * v[j];
        p[i] = (((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]))) / length;
      }
    });
    double half = 0;
    for (std::size_t i = first; i < n; ++i) half += v[i] * p[i];
    half /= 2 * length;
    for (std::size_t i = first; i < n; ++i) p[i] -= half * v[i];
    pool.parallel_for(tasks, [&](std::size_t task) {
      const auto [from, to] = rows_of(task);
      for (std::size_t i = from; i < to; ++i) {
        double* row = a.row(i);
        for (std::size_t j = first; j < n; ++j) row[j] -= v[i] * p[j] + p[i] * v[j];
      }
    });
    std::ranges::fill(along, 0.0);
    for (std::size_t i = first; i < n; ++i)
      for (std::size_t c = 0; c < columns; ++c) along[c] += v[i] * b.row(i)[c] / length;
    for (std::size_t i = first; i < n; ++i)
      for (std::size_t c = 0; c < columns; ++c) b.row(i)[c] -= v[i] * along[c];
  }
  if (n > 0) diagonal[n - 1] = a.row(n - 1)[n - 1];
}

/// Of a tridiagonal matrix; off[i] stands between i and i + 1.
void diagonalise(std::vector<double>& d, std::vector<double>& off, Block<double>& b) {
  const std::size_t n = d.size(), columns = b.width();
  double largest = 0;
  for (std::size_t i = 0; i < n; ++i) largest = std::max({largest, std::abs(d[i]), std::abs(off[i])});
  const auto coupled = [&](std::size_t i) { return std::abs(off[i]) > 1e-16 * (std::abs(d[i]) + std::abs(d[i + 1])) + 1e-17 * largest; };
  for (std::size_t l = 0; l < n; ++l)
    for (int sweep = 0;; ++sweep) {
      std::size_t m = l;
      while (m + 1 < n && coupled(m)) ++m;
      if (m == l) break;
      if (sweep == kMostSweeps) throw std::logic_error("head: no eigenvalue found");
      double g = (d[l + 1] - d[l]) / (2 * off[l]);
      g = d[m] - d[l] + off[l] / (g + std::copysign(std::hypot(g, 1.0), g));
      double sine = 1, cosine = 1, p = 0;
      std::size_t i = m;
      for (; i-- > l;) {
        const double f = sine * off[i], along = cosine * off[i];
        const double r = std::hypot(f, g);
        off[i + 1] = r;
        if (r == 0) {  // deflated on the way
          d[i + 1] -= p;
          off[m] = 0;
          break;
        }
        sine = f / r, cosine = g / r;
        g = d[i + 1] - p;
        const double t = (d[i] - g) * sine + 2 * cosine * along;
        p = sine * t;
        d[i + 1] = g + p;
        g = cosine * t - along;
        double* lower = b.row(i);
        double* upper = b.row(i + 1);
        for (std::size_t c = 0; c < columns; ++c) {
          const double was = upper[c];
          upper[c] = sine * lower[c] + cosine * was;
          lower[c] = cosine * lower[c] - sine * was;
        }
        if (i == l) {
          d[l] -= p;
          off[l] = g;
          off[m] = 0;
          break;
        }
      }
    }
}

}  // namespace

Spectrum spectrum_of(Block<double> a, Block<double> b, ThreadPool& pool) {
  const std::size_t n = a.rows();
  if (a.width() != n || b.rows() != n) throw std::logic_error("head: sizes differ");
  std::vector<double> diagonal(n), off(n + 1);
  tridiagonalise(a, b, diagonal, off, pool);
  for (const double value : diagonal)
    if (!std::isfinite(value)) throw std::logic_error("head: a matrix that is not finite");
  diagonalise(diagonal, off, b);
  return {std::move(diagonal), std::move(b)};
}

}  // namespace graft::head

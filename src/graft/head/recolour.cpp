#include "graft/head/recolour.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "graft/head/design.h"
#include "graft/head/spectrum.h"

namespace graft::head {
namespace {

constexpr std::size_t kRowsOfAStripe = 32;  // rows of one task
constexpr double kRounding = 1e-11;         // of the largest eigenvalue: below it an eigenvalue is rounding

template <class Use>
void in_stripes(std::size_t rows, ThreadPool& pool, const Use& use) {
  pool.parallel_for((rows + kRowsOfAStripe - 1) / kRowsOfAStripe,
                    [&](std::size_t task) { use(task * kRowsOfAStripe, std::min(kRowsOfAStripe, rows - task * kRowsOfAStripe)); });
}

Block<double> turned(const Block<double>& rows) {
  Block<double> columns(rows.width(), rows.rows());
  for (std::size_t i = 0; i < rows.rows(); ++i)
    for (std::size_t c = 0; c < rows.width(); ++c) columns.row(c)[i] = rows.row(i)[c];
  return columns;
}

/// The correlations of some rows: all of the directions in which these differ, each with its eigenvalue.
struct Correlations {
  std::vector<double> values;
  Block<double> directions;  // (values, width), of length 1
};

/// By whichever product of the rows with themselves is smaller.
Correlations correlations_of(const Block<double>& rows, ThreadPool& pool) {
  const std::size_t width = rows.width();
  const bool by_columns = width < rows.rows();
  const Block<double> columns = by_columns ? turned(rows) : Block<double>();
  const Block<double>& x = by_columns ? columns : rows;
  const std::size_t n = x.rows();
  Block<double> gram(n, n), seen(n, width);
  in_stripes(n, pool, [&](std::size_t first, std::size_t count) {
    products<double, double>().dots(x.row(first), count, x.stride(), x.row(0), first + count, x.stride(), x.stride(), gram.row(first), gram.stride());
  });
  for (std::size_t i = 0; i < n; ++i)
    if (by_columns) seen.row(i)[i] = 1;
    else std::copy_n(rows.row(i), width, seen.row(i));
  Spectrum spectrum = spectrum_of(std::move(gram), std::move(seen), pool);
  const double smallest = kRounding * *std::ranges::max_element(spectrum.values);
  std::vector<std::size_t> kept;
  for (std::size_t j = 0; j < n; ++j)
    if (spectrum.values[j] > smallest && spectrum.values[j] > 0) kept.push_back(j);
  Correlations found{{}, Block<double>(kept.size(), width)};
  for (std::size_t k = 0; k < kept.size(); ++k) {
    const double value = spectrum.values[kept[k]], scale = by_columns ? 1 : 1 / std::sqrt(value);
    found.values.push_back(value / static_cast<double>(rows.rows()));
    for (std::size_t c = 0; c < width; ++c) found.directions.row(k)[c] = scale * spectrum.seen.row(kept[k])[c];
  }
  return found;
}

/// Each row times (R + I)^power.
void times_power(const Correlations& r, double power, Block<double>& rows, ThreadPool& pool) {
  const std::size_t directions = r.values.size();
  if (directions == 0) return;
  in_stripes(rows.rows(), pool, [&](std::size_t first, std::size_t count) {
    Block<double> along(directions, count);
    products<double, double>().dots(r.directions.row(0), directions, r.directions.stride(), rows.row(first), count, rows.stride(), rows.stride(),
                                    along.row(0), along.stride());
    for (std::size_t k = 0; k < directions; ++k) {
      const double more = std::pow(r.values[k] + 1, power) - 1;
      for (std::size_t i = 0; i < count; ++i) along.row(k)[i] *= more;
    }
    products<double, double>().outer(along.row(0), directions, along.stride(), count, r.directions.row(0), r.directions.stride(),
                                     r.directions.stride(), rows.row(first), rows.stride());
  });
}

struct Domain {
  Standard standard;
  Block<double> rows;
};

Domain standardised(const Features& features, ThreadPool& pool) {
  Standard standard = standardise(features, std::vector<double>(features.rows, 1.0), pool);
  Block<double> rows = standard_rows<double>(features, standard, pool);
  return {std::move(standard), std::move(rows)};
}

}  // namespace

std::vector<float> recoloured(const Features& source, const Features& target, const Features& rows, ThreadPool& pool) {
  if (source.width != target.width || source.width != rows.width || std::min(source.rows, target.rows) < 2)
    throw std::logic_error("head: sizes of source and target do not fit");
  for (const Features* features : {&source, &target, &rows}) check_finite(*features);
  const Domain from = standardised(source, pool), to = standardised(target, pool);
  Block<double> x = standard_rows<double>(rows, from.standard, pool);
  times_power(correlations_of(from.rows, pool), -0.5, x, pool);
  times_power(correlations_of(to.rows, pool), 0.5, x, pool);
  std::vector<float> out(rows.rows * rows.width);
  for (std::size_t i = 0; i < rows.rows; ++i)
    for (std::size_t c = 0; c < rows.width; ++c) {
      const double inverse = to.standard.inverse_deviation[c];
      out[i * rows.width + c] = static_cast<float>(to.standard.mean[c] + (inverse > 0 ? x.row(i)[c] / inverse : 0));
    }
  return out;
}

std::vector<float> recoloured(const Features& source, const Features& target, ThreadPool& pool) { return recoloured(source, target, source, pool); }

}  // namespace graft::head

#include "graft/head/design.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "graft/base/error.h"

namespace graft::head {
namespace {

constexpr std::size_t kStripe = 64;                // columns or rows of one task
constexpr std::size_t kPanel = padded<double>(1);  // columns factored at once
constexpr double kConstant = 1e-14;                // variance / mean^2 below it is float rounding
constexpr double kMakers = 10;                     // rows of which a deviation is known; on six sets of photos 3, 5 were worse
constexpr double kKnownPart = 0.1;                 // of the features, below which no deviation is taken for known
constexpr double kDependent = 1e-13;               // squared length left of a row / longest row: rounding of the Gram matrix

std::size_t stripes(std::size_t size) { return (size + kStripe - 1) / kStripe; }

/// Factors the diagonal block at `first` (already updated) and the rows below it.
void factor_panel(Block<double>& l, std::size_t first, double smallest, ThreadPool& pool) {
  const std::size_t end = std::min(first + kPanel, l.rows());
  const auto solve_row = [&](std::size_t i) {
    for (std::size_t j = first; j < std::min(end, i + 1); ++j) {
      double value = l.row(i)[j];
      for (std::size_t k = first; k < j; ++k) value -= l.row(i)[k] * l.row(j)[k];
      if (i == j) l.row(i)[j] = value > smallest ? std::sqrt(value) : 0;
      else l.row(i)[j] = l.row(j)[j] > 0 ? value / l.row(j)[j] : 0;
    }
  };
  for (std::size_t i = first; i < end; ++i) solve_row(i);
  pool.parallel_for(stripes(l.rows() - end), [&](std::size_t task) {
    const std::size_t start = end + task * kStripe;
    for (std::size_t i = start; i < std::min(start + kStripe, l.rows()); ++i) solve_row(i);
  });
}

/// A feature of a ReLU network that is 0 for almost all rows has its deviation from the few others, and that says nothing of how large it gets in
/// rows to come: divided by it, one photo's was seen to be 1,200 and to be all that the answer went by. Where fewer than kMakers rows make the
/// deviation, the feature is divided by the median deviation of those where more do, if that is larger. Of so few rows that this is true of nearly every
/// feature, the median is that of all.
void bound_rare(Standard& standard, const std::vector<double>& makers) {
  std::vector<double> known, all;
  for (std::size_t j = 0; j < makers.size(); ++j) {
    if (standard.inverse_deviation[j] <= 0) continue;
    all.push_back(standard.inverse_deviation[j]);
    if (makers[j] >= kMakers) known.push_back(standard.inverse_deviation[j]);
  }
  if (static_cast<double>(known.size()) < kKnownPart * static_cast<double>(all.size())) known = std::move(all);
  if (known.empty()) return;
  const auto middle = known.begin() + static_cast<std::ptrdiff_t>(known.size() / 2);
  std::ranges::nth_element(known, middle);
  for (std::size_t j = 0; j < makers.size(); ++j)
    if (makers[j] < kMakers) standard.inverse_deviation[j] = std::min(standard.inverse_deviation[j], *middle);
}

}  // namespace

void check_problem(const Features& features, std::span<const int> labels, int classes) {
  if (features.values.size() != features.rows * features.width || labels.size() != features.rows || features.rows == 0 || features.width == 0)
    throw std::logic_error("head: sizes of features and labels do not agree");
  if (classes < 2) throw std::logic_error("head: fewer than 2 classes");
  for (const int label : labels)
    if (label < 0 || label >= classes) throw std::logic_error("head: label " + std::to_string(label) + " of " + std::to_string(classes) + " classes");
}

void check_finite(const Features& features) {
  for (std::size_t i = 0; i < features.rows; ++i)
    for (const float value : features.row(i))
      if (!std::isfinite(value))
        throw data_error("features", "row " + std::to_string(i) + " holds " + (std::isnan(value) ? "NaN" : "infinity") + ", expected finite numbers",
                         "check the weights of the backbone, or use --precision float32");
}

std::vector<double> row_weights(std::span<const int> labels, int classes, const ClassWeights& class_weights, std::span<const double> own) {
  if (!own.empty() && own.size() != labels.size()) throw std::logic_error("head: sizes of labels and weights do not agree");
  const std::vector<double> of_class = graft::class_weights(class_counts(labels, static_cast<std::size_t>(classes)), class_weights);
  std::vector<double> weights;
  for (const int label : labels) weights.push_back(of_class[static_cast<std::size_t>(label)]);
  for (std::size_t i = 0; i < own.size(); ++i) weights[i] *= own[i];
  return weights;
}

Standard standardise(const Features& features, std::span<const double> weights, ThreadPool& pool) {
  Standard standard{std::vector<double>(features.width), std::vector<double>(features.width)};
  std::vector<double> makers(features.width);
  double total = 0;
  for (const double weight : weights) total += weight;
  pool.parallel_for(stripes(features.width), [&](std::size_t task) {
    const std::size_t first = task * kStripe, count = std::min(kStripe, features.width - first);
    double* mean = &standard.mean[first];
    double* spread = &standard.inverse_deviation[first];
    double* squares = &makers[first];
    for (std::size_t i = 0; i < features.rows; ++i) {
      const float* x = features.values.data() + i * features.width + first;
      for (std::size_t c = 0; c < count; ++c) mean[c] += weights[i] * static_cast<double>(x[c]);
    }
    for (std::size_t c = 0; c < count; ++c) mean[c] /= total;
    for (std::size_t i = 0; i < features.rows; ++i) {
      const float* x = features.values.data() + i * features.width + first;
      for (std::size_t c = 0; c < count; ++c) {
        const double part = weights[i] * (static_cast<double>(x[c]) - mean[c]) * (static_cast<double>(x[c]) - mean[c]);
        spread[c] += part;
        squares[c] += part * part;
      }
    }
    for (std::size_t c = 0; c < count; ++c) {
      const double variance = spread[c] / total;
      squares[c] = squares[c] > 0 ? spread[c] * spread[c] / squares[c] : 0;
      spread[c] = variance <= kConstant * mean[c] * mean[c] ? 0 : 1 / std::sqrt(variance);
    }
  });
  for (const double mean : standard.mean)
    if (!std::isfinite(mean)) check_finite(features);
  bound_rare(standard, makers);
  return standard;
}

template <class X>
Block<X> standard_rows(const Features& features, const Standard& standard, ThreadPool& pool) {
  Block<X> rows(features.rows, features.width);
  pool.parallel_for(stripes(features.rows), [&](std::size_t task) {
    for (std::size_t i = task * kStripe; i < std::min((task + 1) * kStripe, features.rows); ++i) {
      const float* x = features.values.data() + i * features.width;
      X* out = rows.row(i);
      for (std::size_t c = 0; c < features.width; ++c)
        out[c] = static_cast<X>((static_cast<double>(x[c]) - standard.mean[c]) * standard.inverse_deviation[c]);
    }
  });
  return rows;
}
template Block<float> standard_rows(const Features&, const Standard&, ThreadPool&);
template Block<double> standard_rows(const Features&, const Standard&, ThreadPool&);

bool worth_reducing(const Features& features) { return 4 * features.rows <= 3 * features.width; }

Block<double> reduce(const Block<double>& rows, ThreadPool& pool) {
  const std::size_t size = rows.rows();
  const auto& product = products<double, double>();
  Block<double> l(size, size);
  pool.parallel_for(stripes(size), [&](std::size_t task) {
    const std::size_t first = task * kStripe, count = std::min(kStripe, size - first);
    product.dots(rows.row(first), count, rows.stride(), rows.row(0), first + count, rows.stride(), rows.stride(), l.row(first), l.stride());
  });
  double longest = 0;
  for (std::size_t i = 0; i < size; ++i) longest = std::max(longest, l.row(i)[i]);
  for (std::size_t panel = 0; panel < size; panel += kPanel) {
    const std::size_t columns = std::min(kPanel, size - panel);
    pool.parallel_for(panel > 0 ? stripes(size - panel) : 0, [&](std::size_t task) {
      const std::size_t first = panel + task * kStripe, count = std::min(kStripe, size - first);
      double update[kStripe * kPanel];
      product.dots(l.row(first), count, l.stride(), l.row(panel), columns, l.stride(), panel, update, kPanel);
      for (std::size_t i = 0; i < count; ++i)
        for (std::size_t j = 0; j < columns; ++j) l.row(first + i)[panel + j] -= update[i * kPanel + j];
    });
    factor_panel(l, panel, kDependent * longest, pool);
  }
  for (std::size_t i = 0; i < size; ++i) std::fill(l.row(i) + i + 1, l.row(i) + l.stride(), 0.0);
  return l;
}

std::vector<double> expand(const Block<double>& factor, const Block<double>& rows, std::span<const double> v, std::size_t outputs) {
  const std::size_t size = factor.rows();
  Block<double> a(size, outputs);
  Block<double> w(outputs, rows.stride());
  for (std::size_t j = size; j-- > 0;) {
    double* aj = a.row(j);
    const double pivot = factor.row(j)[j];
    for (std::size_t k = 0; k < outputs; ++k) aj[k] = pivot > 0 ? (v[k * size + j] + aj[k]) / pivot : 0;
    for (std::size_t i = 0; i < j; ++i)  // what row j takes from the equations above it
      for (std::size_t k = 0; k < outputs; ++k) a.row(i)[k] -= factor.row(j)[i] * aj[k];
  }
  products<double, double>().outer(a.row(0), size, a.stride(), outputs, rows.row(0), rows.stride(), rows.stride(), w.row(0), w.stride());
  std::vector<double> out;
  out.reserve(outputs * rows.width());
  for (std::size_t k = 0; k < outputs; ++k) out.insert(out.end(), w.row(k), w.row(k) + rows.width());
  return out;
}

}  // namespace graft::head

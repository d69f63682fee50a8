#include "graft/trust/known.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "graft/base/rng.h"
#include "graft/head/kernels.h"
#include "graft/head/spectrum.h"
#include "graft/search/dot_table.h"
#include "graft/search/nearest.h"
#include "graft/trust/halves.h"

namespace graft::trust {
namespace {

using FloatBlock = head::Block<float>;

constexpr std::size_t kMore = 8;     // directions that are carried along, so that the wanted ones settle sooner
constexpr int kPasses = 3;           // over the rows
constexpr float kLeastRest = 1e-6F;  // of unit rows: photos that are all alike have some width, too

/// Rows of q at right angles, of length 1; one that is a sum of those before it becomes 0. Gram and Schmidt, twice.
void straighten(FloatBlock& q) {
  const std::size_t width = q.width();
  for (std::size_t i = 0; i < q.rows(); ++i) {
    const float before = std::sqrt(search::fastest_dot()(q.row(i), q.row(i), width));
    for (int again = 0; again < 2; ++again)
      for (std::size_t j = 0; j < i; ++j) {
        const float along = search::fastest_dot()(q.row(i), q.row(j), width);
        for (std::size_t c = 0; c < width; ++c) q.row(i)[c] -= along * q.row(j)[c];
      }
    const float length = std::sqrt(search::fastest_dot()(q.row(i), q.row(i), width));
    const float scale = length > 1e-5F * before ? 1 / length : 0;
    for (std::size_t c = 0; c < width; ++c) q.row(i)[c] *= scale;
  }
}

/// (rows of x, rows of q): what each row has along each direction.
FloatBlock along(const FloatBlock& x, const FloatBlock& q) {
  FloatBlock out(x.rows(), q.rows());
  head::kernels().single.dots(x.row(0), x.rows(), x.stride(), q.row(0), q.rows(), q.stride(), x.stride(), out.row(0), out.stride());
  return out;
}

/// The largest directions of x by subspace iteration from random ones (Halko, Martinsson and Tropp 2011), and the variances along them, descending.
void find_directions(const FloatBlock& x, std::size_t freedom, uint64_t seed, ThreadPool& pool, Clouds& clouds) {
  const std::size_t wanted = std::min({kDirections, freedom, clouds.width}), carried = std::min(wanted + kMore, clouds.width);
  FloatBlock q(carried, clouds.width);
  for (std::size_t i = 0; i < carried; ++i) {
    Rng rng(seed, i);
    for (std::size_t c = 0; c < clouds.width; ++c) q.row(i)[c] = static_cast<float>(rng.uniform() - 0.5);
  }
  straighten(q);
  for (int pass = 0; pass < kPasses; ++pass) {
    const FloatBlock y = along(x, q);
    FloatBlock next(carried, clouds.width);
    head::kernels().single.outer(y.row(0), y.rows(), y.stride(), carried, x.row(0), x.stride(), x.stride(), next.row(0), next.stride());
    q = std::move(next);
    straighten(q);
  }
  const FloatBlock y = along(x, q);
  head::Block<double> gram(carried, carried), basis(carried, clouds.width);
  for (std::size_t r = 0; r < y.rows(); ++r)
    for (std::size_t i = 0; i < carried; ++i)
      for (std::size_t j = 0; j <= i; ++j) gram.row(i)[j] += static_cast<double>(y.row(r)[i]) * y.row(r)[j] / static_cast<double>(freedom);
  for (std::size_t i = 0; i < carried; ++i) std::copy_n(q.row(i), clouds.width, basis.row(i));
  const head::Spectrum spectrum = head::spectrum_of(std::move(gram), std::move(basis), pool);
  std::vector<std::size_t> order(carried);
  for (std::size_t i = 0; i < carried; ++i) order[i] = i;
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return spectrum.values[a] > spectrum.values[b]; });
  for (const std::size_t i : order) {
    if (clouds.variances.size() == wanted || !(spectrum.values[i] > kLeastRest)) break;
    clouds.variances.push_back(static_cast<float>(spectrum.values[i]));
    for (std::size_t c = 0; c < clouds.width; ++c) clouds.directions.push_back(as_half(static_cast<float>(spectrum.seen.row(i)[c])));
  }
}

/// The means of the classes that have rows, and each row without that of its class.
FloatBlock within(std::span<const float> rows, std::span<const int> labels, Clouds& clouds) {
  const std::size_t width = clouds.width;
  std::vector<int> classes(labels.begin(), labels.end());
  std::ranges::sort(classes);
  classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
  std::vector<double> sums(classes.size() * width);
  std::vector<std::size_t> counts(classes.size()), place(labels.size());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    place[i] = static_cast<std::size_t>(std::ranges::lower_bound(classes, labels[i]) - classes.begin());
    ++counts[place[i]];
    for (std::size_t c = 0; c < width; ++c) sums[place[i] * width + c] += rows[i * width + c];
  }
  for (std::size_t k = 0; k < classes.size(); ++k)
    for (std::size_t c = 0; c < width; ++c) clouds.means.push_back(as_half(static_cast<float>(sums[k * width + c] / static_cast<double>(counts[k]))));
  FloatBlock x(labels.size(), width);
  for (std::size_t i = 0; i < labels.size(); ++i)
    for (std::size_t c = 0; c < width; ++c) x.row(i)[c] = rows[i * width + c] - clouds.means[place[i] * width + c];
  return x;
}

}  // namespace

std::vector<float> unit_rows(const head::Features& features, std::span<const std::size_t> which, std::size_t width) {
  std::vector<float> rows;
  rows.reserve(which.size() * width);
  for (const std::size_t i : which) {
    const std::span<const float> row = features.row(i).first(width);
    const float scale = search::inverse_length(row);
    for (const float value : row) rows.push_back(value * scale);
  }
  return rows;
}

std::vector<std::size_t> balanced(std::span<const int> labels, std::size_t most, uint64_t seed) {
  std::vector<std::vector<std::size_t>> of_class;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] < 0) continue;
    const auto label = static_cast<std::size_t>(labels[i]);
    if (label >= of_class.size()) of_class.resize(label + 1);
    of_class[label].push_back(i);
  }
  for (std::size_t c = 0; c < of_class.size(); ++c) Rng(seed, c).shuffle(std::span(of_class[c]));
  std::vector<std::size_t> taken;
  for (std::size_t turn = 0, before = most + 1; taken.size() < most && taken.size() != before; ++turn) {
    before = taken.size();
    for (const auto& rows : of_class)
      if (turn < rows.size() && taken.size() < most) taken.push_back(rows[turn]);
  }
  std::ranges::sort(taken);
  return taken;
}

Clouds find_clouds(std::span<const float> rows, std::span<const int> labels, std::size_t width, uint64_t seed, ThreadPool& pool) {
  Clouds clouds{.width = width};
  const FloatBlock x = within(rows, labels, clouds);
  const std::size_t classes = clouds.means.size() / width, freedom = std::max<std::size_t>(1, labels.size() - std::min(labels.size(), classes));
  double total = 0;
  for (std::size_t i = 0; i < x.rows(); ++i) total += search::fastest_dot()(x.row(i), x.row(i), width);
  total /= static_cast<double>(freedom);
  find_directions(x, freedom, seed, pool, clouds);
  double found = 0;
  for (const float variance : clouds.variances) found += variance;
  const double share = (total - found) / static_cast<double>(std::max<std::size_t>(1, width - clouds.variances.size()));
  clouds.rest = static_cast<float>(std::max<double>({share, kLeastRest, 0}));
  for (float& variance : clouds.variances) variance = std::max(variance, clouds.rest);
  return clouds;
}

double distance(const Clouds& clouds, std::span<const float> unit) {
  const std::size_t width = clouds.width, n = clouds.variances.size(), classes = clouds.means.size() / width;
  double least = std::numeric_limits<double>::infinity();
  std::vector<float> off(width);
  for (std::size_t k = 0; k < classes; ++k) {
    for (std::size_t c = 0; c < width; ++c) off[c] = unit[c] - clouds.means[k * width + c];
    double left = search::fastest_dot()(off.data(), off.data(), width), sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const double a = search::fastest_dot()(off.data(), clouds.directions.data() + i * width, width);
      sum += a * a / clouds.variances[i];
      left -= a * a;
    }
    least = std::min(least, sum + std::max(left, 0.0) / clouds.rest);
  }
  return least;
}

double distance(const Neighbours& neighbours, std::span<const float> unit) {
  const std::size_t width = neighbours.width, n = neighbours.rows.size() / width;
  std::vector<float> similarity(n);
  for (std::size_t i = 0; i < n; ++i) similarity[i] = search::fastest_dot()(neighbours.rows.data() + i * width, unit.data(), width);
  const auto place = similarity.begin() + static_cast<std::ptrdiff_t>(std::min(kNeighbour, n) - 1);
  std::ranges::nth_element(similarity, place, std::greater());
  return 1.0 - *place;
}

}  // namespace graft::trust

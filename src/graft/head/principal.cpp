#include "graft/head/principal.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "graft/base/rng.h"
#include "graft/head/design.h"

namespace graft::head {
namespace {

constexpr std::size_t kMore = 4;  // directions that are followed beside those asked for, so that these settle sooner
constexpr int kTurns = 30;

using Directions = std::vector<std::vector<double>>;

double dot(const std::vector<double>& a, const std::vector<double>& b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); }

/// Each at right angles to those before it, of length 1; of zeros where nothing is left of it.
void make_orthonormal(Directions& directions) {
  for (std::size_t k = 0; k < directions.size(); ++k) {
    const double before = std::sqrt(dot(directions[k], directions[k]));
    for (int again = 0; again < 2; ++again)
      for (std::size_t j = 0; j < k; ++j) {
        const double part = dot(directions[k], directions[j]);
        for (std::size_t c = 0; c < directions[k].size(); ++c) directions[k][c] -= part * directions[j][c];
      }
    const double length = std::sqrt(dot(directions[k], directions[k]));
    for (double& value : directions[k]) value = length > 1e-9 * before && length > 0 ? value / length : 0;
  }
}

/// The covariance of the rows times each direction.
Directions covariance_times(const Features& features, const std::vector<double>& mean, const Directions& directions) {
  Directions result(directions.size(), std::vector<double>(features.width));
  std::vector<double> row(features.width);
  for (std::size_t i = 0; i < features.rows; ++i) {
    const auto values = features.row(i);
    for (std::size_t c = 0; c < row.size(); ++c) row[c] = static_cast<double>(values[c]) - mean[c];
    for (std::size_t k = 0; k < directions.size(); ++k) {
      const double part = dot(row, directions[k]) / static_cast<double>(features.rows);
      for (std::size_t c = 0; c < row.size(); ++c) result[k][c] += part * row[c];
    }
  }
  return result;
}

}  // namespace

Principal principal_components(const Features& features, std::size_t count) {
  if (features.rows == 0 || count == 0 || count > features.width) throw std::logic_error("head: sizes of rows and components do not fit");
  check_finite(features);
  Principal found{.mean = std::vector<double>(features.width), .directions = {}, .explained = {}};
  for (std::size_t i = 0; i < features.rows; ++i)
    for (std::size_t c = 0; c < features.width; ++c) found.mean[c] += static_cast<double>(features.row(i)[c]);
  for (double& value : found.mean) value /= static_cast<double>(features.rows);
  double variance = 0;
  for (std::size_t i = 0; i < features.rows; ++i)
    for (std::size_t c = 0; c < features.width; ++c) {
      const double off = static_cast<double>(features.row(i)[c]) - found.mean[c];
      variance += off * off / static_cast<double>(features.rows);
    }
  Directions directions(std::min(count + kMore, features.width), std::vector<double>(features.width));
  Rng rng(1);
  for (std::vector<double>& direction : directions)
    for (double& value : direction) value = rng.uniform() - 0.5;
  make_orthonormal(directions);
  for (int turn = 0; turn < kTurns; ++turn) {
    directions = covariance_times(features, found.mean, directions);
    make_orthonormal(directions);
  }
  directions.resize(count);
  const Directions turned = covariance_times(features, found.mean, directions);
  for (std::size_t k = 0; k < count; ++k) {
    found.explained.push_back(variance > 0 ? dot(directions[k], turned[k]) / variance : 0);
    const auto largest = std::ranges::max_element(directions[k], {}, [](double value) { return std::abs(value); });
    if (*largest < 0)
      for (double& value : directions[k]) value = -value;
  }
  found.directions = std::move(directions);
  return found;
}

std::vector<double> along(const Principal& components, const Features& features) {
  std::vector<double> places;
  for (std::size_t i = 0; i < features.rows; ++i)
    for (const std::vector<double>& direction : components.directions) {
      double place = 0;
      for (std::size_t c = 0; c < features.width; ++c) place += (static_cast<double>(features.row(i)[c]) - components.mean[c]) * direction[c];
      places.push_back(place);
    }
  return places;
}

}  // namespace graft::head

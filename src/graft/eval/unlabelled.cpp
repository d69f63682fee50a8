#include "graft/eval/unlabelled.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

namespace graft::eval {
namespace {

constexpr int kSteps = 2000;        // of either estimation
constexpr double kSettled = 1e-10;  // change of a part

double plogp(double p) { return p > 0 ? p * std::log(p) : 0; }

void check(std::span<const float> probabilities, std::size_t classes, std::size_t fewest) {
  if (classes == 0 || probabilities.size() % classes != 0 || probabilities.size() / classes < fewest)
    throw std::logic_error("eval: sizes of answers and classes do not fit");
}

/// The nearest point whose numbers are at least 0 and sum to 1 (Duchi et al. 2008).
void project(std::vector<double>& x) {
  std::vector<double> sorted = x;
  std::ranges::sort(sorted, std::greater{});
  double sum = 0, over = 0;
  for (std::size_t k = 0; k < sorted.size(); ++k) {
    sum += sorted[k];
    const double shift = (sum - 1) / static_cast<double>(k + 1);
    if (sorted[k] > shift) over = shift;
  }
  for (double& value : x) value = std::max(0.0, value - over);
}

}  // namespace

double information_maximisation(std::span<const float> probabilities, std::size_t classes, std::span<const double> times) {
  check(probabilities, classes, 1);
  const std::size_t photos = probabilities.size() / classes;
  if (!times.empty() && times.size() != photos) throw std::logic_error("eval: sizes of answers and counts do not fit");
  std::vector<double> mean(classes);
  double sharp = 0, total = 0;
  for (std::size_t i = 0; i < photos; ++i) {
    const double count = times.empty() ? 1 : times[i];
    total += count;
    for (std::size_t k = 0; k < classes; ++k) {
      const auto p = static_cast<double>(probabilities[i * classes + k]);
      mean[k] += count * p;
      sharp += count * plogp(p);
    }
  }
  double even = 0;
  for (const double sum : mean) even -= plogp(sum / total);
  return even + sharp / total;
}

std::vector<double> neighbourhood_entropies(std::span<const float> probabilities, std::size_t classes) {
  check(probabilities, classes, 2);
  const std::size_t photos = probabilities.size() / classes;
  std::vector<float> unit(probabilities.begin(), probabilities.end());
  for (std::size_t i = 0; i < photos; ++i) {
    const auto row = std::span(unit).subspan(i * classes, classes);
    const float length = std::sqrt(std::inner_product(row.begin(), row.end(), row.begin(), 0.0F));
    for (float& value : row) value /= length > 0 ? length : 1;
  }
  std::vector<double> entropies(photos), cosines(photos);
  for (std::size_t i = 0; i < photos; ++i) {
    double most = -std::numeric_limits<double>::infinity(), sum = 0, weighed = 0;
    for (std::size_t j = 0; j < photos; ++j) {
      if (j == i) continue;
      float dot = 0;
      for (std::size_t k = 0; k < classes; ++k) dot += unit[i * classes + k] * unit[j * classes + k];
      cosines[j] = static_cast<double>(dot) / kNeighbourTemperature;
      most = std::max(most, cosines[j]);
    }
    for (std::size_t j = 0; j < photos; ++j) {
      if (j == i) continue;
      const double part = std::exp(cosines[j] - most);
      sum += part;
      weighed += part * (cosines[j] - most);
    }
    entropies[i] = std::log(sum) - weighed / sum;
  }
  return entropies;
}

WeighedRisk weighed_risk(std::span<const double> losses, std::span<const double> weights) {
  const std::size_t photos = losses.size();
  if (weights.size() != photos || photos < 2) throw std::logic_error("eval: sizes of losses and weights do not fit");
  const auto n = static_cast<double>(photos);
  double loss = 0, weight = 0;
  for (std::size_t i = 0; i < photos; ++i) loss += weights[i] * losses[i] / n, weight += weights[i] / n;
  double both = 0, spread = 0;
  for (std::size_t i = 0; i < photos; ++i) {
    both += (weights[i] * losses[i] - loss) * (weights[i] - weight);
    spread += (weights[i] - weight) * (weights[i] - weight);
  }
  const double eta = spread > 0 ? -both / spread : 0;
  WeighedRisk found{loss + eta * weight - eta, 0};
  for (std::size_t i = 0; i < photos; ++i) {
    const double off = weights[i] * losses[i] - loss + eta * (weights[i] - weight);
    found.error += off * off;
  }
  found.error = std::sqrt(found.error / (n - 1) / n);
  return found;
}

std::vector<double> class_parts(std::span<const float> probabilities, std::span<const double> parts) {
  const std::size_t classes = parts.size();
  check(probabilities, classes, 1);
  const std::size_t photos = probabilities.size() / classes;
  std::vector<double> now(parts.begin(), parts.end()), next(classes), row(classes);
  for (int step = 0; step < kSteps; ++step) {
    std::ranges::fill(next, 0.0);
    for (std::size_t i = 0; i < photos; ++i) {
      double sum = 0;
      for (std::size_t k = 0; k < classes; ++k) {
        row[k] = parts[k] > 0 ? static_cast<double>(probabilities[i * classes + k]) * now[k] / parts[k] : 0;
        sum += row[k];
      }
      for (std::size_t k = 0; k < classes; ++k) next[k] += sum > 0 ? row[k] / sum : now[k];
    }
    double change = 0;
    for (std::size_t k = 0; k < classes; ++k) {
      next[k] /= static_cast<double>(photos);
      change = std::max(change, std::abs(next[k] - now[k]));
    }
    now.swap(next);
    if (change < kSettled) break;
  }
  return now;
}

std::vector<double> class_parts(std::span<const long> confusion, std::span<const long> predicted) {
  const std::size_t classes = predicted.size();
  if (confusion.size() != classes * classes) throw std::logic_error("eval: sizes of counts do not fit");
  std::vector<double> said(classes), rates(classes * classes);  // p(predicted | true), 0 of a class without photos
  const auto photos = static_cast<double>(std::accumulate(predicted.begin(), predicted.end(), 0L));
  if (!(photos > 0)) throw std::logic_error("eval: no photo was answered");
  double steepest = 0;
  for (std::size_t t = 0; t < classes; ++t) {
    const auto row = confusion.subspan(t * classes, classes);
    const auto count = static_cast<double>(std::accumulate(row.begin(), row.end(), 0L));
    for (std::size_t k = 0; k < classes; ++k) {
      rates[t * classes + k] = count > 0 ? static_cast<double>(row[k]) / count : 0;
      steepest += rates[t * classes + k] * rates[t * classes + k];
    }
    said[t] = static_cast<double>(predicted[t]) / photos;
  }
  std::vector<double> parts(classes, 1 / static_cast<double>(classes)), off(classes);
  for (int step = 0; step < kSteps; ++step) {  // projected gradient; `steepest` is at least the largest curvature
    for (std::size_t k = 0; k < classes; ++k) {
      off[k] = -said[k];
      for (std::size_t t = 0; t < classes; ++t) off[k] += rates[t * classes + k] * parts[t];
    }
    std::vector<double> next = parts;
    for (std::size_t t = 0; t < classes; ++t) {
      double slope = 0, rows = 0;
      for (std::size_t k = 0; k < classes; ++k) slope += rates[t * classes + k] * off[k], rows += rates[t * classes + k];
      next[t] = rows > 0 ? parts[t] - slope / steepest : -static_cast<double>(classes);
    }
    project(next);
    double change = 0;
    for (std::size_t t = 0; t < classes; ++t) change = std::max(change, std::abs(next[t] - parts[t]));
    parts.swap(next);
    if (change < kSettled) break;
  }
  return parts;
}

}  // namespace graft::eval

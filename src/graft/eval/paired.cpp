#include "graft/eval/paired.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <random>
#include <stdexcept>

namespace graft::eval {
namespace {

constexpr int kSamples = 10000, kManyDegrees = 1000;

/// Two-sided: twice the probability of at most `few` of `all` fair coins.
double binomial_test(long few, long all) {
  double sum = 0;
  for (long k = 0; k <= few; ++k)
    sum += std::exp(std::lgamma(all + 1) - std::lgamma(k + 1) - std::lgamma(all - k + 1) - static_cast<double>(all) * std::numbers::ln2);
  return std::min(1.0, 2 * sum);
}

/// One image of either kind is added (Bonett and Price 2012): where none or few were seen, that does not mean that there are none.
Interval bootstrap(long count, long only_first, long only_second) {
  count += 2, ++only_first, ++only_second;
  std::mt19937_64 random;  // seeded by the standard's constant: the same interval each time
  const auto n = static_cast<double>(count);
  const double first = static_cast<double>(only_first) / n, rest = first < 1 ? static_cast<double>(only_second) / n / (1 - first) : 0;
  std::vector<double> differences;
  for (int i = 0; i < kSamples; ++i) {
    const long a = std::binomial_distribution<long>(count, first)(random);
    const long b = std::binomial_distribution<long>(count - a, std::min(1.0, rest))(random);
    differences.push_back(static_cast<double>(a - b) / n);
  }
  std::ranges::sort(differences);
  return {differences[kSamples / 40], differences[kSamples - 1 - kSamples / 40]};
}

/// The value that Student's t stays below with probability 0.975.
double upper_t(int degrees) {
  double low = 0, high = 16;  // 12.7 with one degree of freedom
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (student_t(middle, degrees) < 0.975 ? low : high) = middle;
  }
  return high;
}

}  // namespace

Paired compare(const std::vector<bool>& first, const std::vector<bool>& second) {
  if (first.size() != second.size() || first.empty()) throw std::logic_error("compare: answers to different questions");
  Paired paired{.count = static_cast<long>(first.size())};
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (first[i] && !second[i]) ++paired.only_first;
    if (second[i] && !first[i]) ++paired.only_second;
  }
  paired.difference = static_cast<double>(paired.only_first - paired.only_second) / static_cast<double>(paired.count);
  paired.interval = bootstrap(paired.count, paired.only_first, paired.only_second);
  paired.p = binomial_test(std::min(paired.only_first, paired.only_second), paired.only_first + paired.only_second);
  return paired;
}

LossDifference difference_of(std::span<const double> first, std::span<const double> second) {
  const auto n = static_cast<double>(first.size());
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < first.size(); ++i) {
    const double d = first[i] - second[i];
    sum += d;
    squares += d * d;
  }
  const double mean = sum / n;
  return {mean, first.size() < 2 ? std::numeric_limits<double>::infinity() : std::sqrt(std::max(0.0, squares / n - mean * mean) / (n - 1))};
}

Mean mean_of(std::span<const double> values, double overlap, double of_images) {
  if (values.empty()) throw std::logic_error("mean_of: no value");
  const auto n = static_cast<double>(values.size());
  Mean mean{.count = values.size(), .mean = std::accumulate(values.begin(), values.end(), 0.0) / n, .p = 1};
  constexpr double kEverywhere = std::numeric_limits<double>::infinity();
  mean.interval = {-kEverywhere, kEverywhere};
  if (values.size() > 1) {
    double squares = 0;
    for (const double value : values) squares += (value - mean.mean) * (value - mean.mean);
    mean.deviation = std::sqrt(squares / (n - 1));
    mean.of_runs = mean.deviation * mean.deviation * (1 / n + overlap);
  } else if (of_images == 0) {
    return mean;
  }
  const double variance = mean.of_runs + of_images, error = std::sqrt(variance);
  int degrees = kManyDegrees;  // as good as a normal distribution
  if (mean.of_runs > 0) degrees = static_cast<int>(std::min<double>(kManyDegrees, (n - 1) * variance * variance / (mean.of_runs * mean.of_runs)));
  mean.interval = {mean.mean - upper_t(degrees) * error, mean.mean + upper_t(degrees) * error};
  if (error > 0) mean.p = 2 * (1 - student_t(std::abs(mean.mean) / error, degrees));
  else mean.p = mean.mean == 0 ? 1 : 0;
  return mean;
}

double image_variance(std::span<const double> values, Interval range) {
  const auto n = static_cast<double>(values.size()) + 2;
  const double mean = (std::accumulate(values.begin(), values.end(), 0.0) + range.low + range.high) / n;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  for (const double value : {range.low, range.high}) squares += (value - mean) * (value - mean);
  return squares / (n - 1) / n;
}

double jackknife_variance(std::size_t images, const std::function<double(const std::vector<bool>& left)>& without) {
  constexpr std::size_t kGroups = 100;
  if (images < 2) throw std::logic_error("jackknife_variance: fewer than two photos");
  const std::size_t groups = std::min(images, kGroups);
  std::vector<double> values;
  for (std::size_t group = 0; group < groups; ++group) {
    std::vector<bool> left(images);
    for (std::size_t i = group; i < images; i += groups) left[i] = true;
    values.push_back(without(left));
  }
  const auto n = static_cast<double>(groups);
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return (n - 1) / n * squares;
}

double student_t(double x, int degrees) {
  const double angle = std::atan(x / std::sqrt(degrees)), cosine = std::cos(angle), sine = std::sin(angle);
  double between = 0;  // probability that |t| <= |x|, with x's sign
  if (degrees % 2 == 1) {
    double term = cosine, sum = degrees > 1 ? cosine : 0;
    for (int k = 3; k <= degrees - 2; k += 2) sum += term *= cosine * cosine * (k - 1) / k;
    between = 2 / std::numbers::pi * (angle + sine * sum);
  } else {
    double term = 1, sum = 1;
    for (int k = 2; k <= degrees - 2; k += 2) sum += term *= cosine * cosine * (k - 1) / k;
    between = sine * sum;
  }
  return (1 + between) / 2;
}

std::vector<double> holm(std::span<const double> p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return p[i]; });
  std::vector<double> adjusted(p.size());
  double largest = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    largest = std::max(largest, std::min(1.0, p[order[i]] * static_cast<double>(p.size() - i)));
    adjusted[order[i]] = largest;
  }
  return adjusted;
}

}  // namespace graft::eval

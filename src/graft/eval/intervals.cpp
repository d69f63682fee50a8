#include "graft/eval/intervals.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "graft/base/thread_pool.h"
#include "graft/eval/draw.h"
#include "graft/eval/scores.h"

namespace graft::eval {
namespace {

constexpr int kMost = 1000, kFewest = 200;
constexpr double kWork = 2e8, kRanked = 5e6;  // photos times classes: in all samples, and of which the rankings are drawn

double normal(double z) { return std::erfc(-z / std::numbers::sqrt2) / 2; }

double normal_quantile(double p) {
  double low = -10, high = 10;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (normal(middle) < p ? low : high) = middle;
  }
  return low;
}

double quantile(const std::vector<double>& sorted, double p) {
  const double at = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

}  // namespace

int resamples_for(double work) {
  const int many = static_cast<int>(std::clamp(kWork / work, static_cast<double>(kFewest), static_cast<double>(kMost)));
  constexpr int kLane = static_cast<int>(kLanes);
  return (many + kLane - 1) / kLane * kLane;
}

bool drawn_with_rankings(double work) { return work <= kRanked; }

namespace {

/// What each sample gave, a row of numbers each: those of the task, then those of each class.
class Samples {
 public:
  Samples(const std::vector<Number>& numbers, std::size_t classes, std::size_t samples)
      : numbers_(numbers), width_(numbers.size() + kClassNumbers * classes), values_(width_ * samples) {}

  void put(std::size_t sample, const Tally& tally) {
    double* to = values_.data() + sample * width_;
    for (const Number& number : numbers_) *to++ = number.value(tally);
    for (const ClassTally& c : tally.classes)
      for (const ClassNumber& number : class_numbers()) *to++ = number.value(c);
  }
  std::optional<Interval> of_number(std::size_t number, double estimate) const { return column(number, estimate); }
  std::optional<Interval> of_class(std::size_t label, std::size_t number, double estimate) const {
    return column(numbers_.size() + label * kClassNumbers + number, estimate);
  }

 private:
  std::optional<Interval> column(std::size_t at, double estimate) const {
    std::vector<double> values;
    for (; at < values_.size(); at += width_) values.push_back(values_[at]);
    return bootstrap_interval(std::move(values), estimate);
  }

  const std::vector<Number>& numbers_;
  const std::size_t width_;
  std::vector<double> values_;
};

std::optional<Interval> wilson_of(const Proportion& proportion) {
  if (std::isnan(proportion.part) || proportion.whole == 0) return std::nullopt;
  return wilson(proportion);
}

}  // namespace

Interval wilson(long right, long total, double z) {
  if (total == 0) return {0, 1};
  const double n = static_cast<double>(total), p = static_cast<double>(right) / n, z2 = z * z / n;
  const double centre = (p + z2 / 2) / (1 + z2), half = z / (1 + z2) * std::sqrt(p * (1 - p) / n + z2 / (4 * n));
  return {right == 0 ? 0 : std::max(0.0, centre - half), right == total ? 1 : std::min(1.0, centre + half)};
}

Interval wilson(const Proportion& proportion) { return wilson(static_cast<long>(proportion.part), static_cast<long>(proportion.whole)); }

std::optional<Interval> bootstrap_interval(std::vector<double> samples, double estimate) {
  const std::size_t drawn = samples.size();
  std::erase_if(samples, [](double value) { return std::isnan(value); });
  if (std::isnan(estimate) || samples.empty() || 2 * samples.size() < drawn) return std::nullopt;
  std::ranges::sort(samples);
  if (samples.front() == samples.back()) return std::nullopt;
  const auto [equal, above] = std::ranges::equal_range(samples, estimate);
  const auto n = static_cast<double>(samples.size());
  const double below = static_cast<double>(equal - samples.begin()) + static_cast<double>(above - equal) / 2;
  const double bias = normal_quantile(std::clamp(below / n, 0.5 / n, 1 - 0.5 / n));
  constexpr double kZ = 1.959964;
  return Interval{quantile(samples, normal(2 * bias - kZ)), quantile(samples, normal(2 * bias + kZ))};
}

Intervals intervals_of(const Truth& truth, std::span<const float> probabilities, const Tally& all, int top, const Resampling& resampling) {
  const std::size_t classes = all.classes.size();
  const double work = static_cast<double>(truth.rows) * static_cast<double>(classes);
  const std::vector<Number>& numbers = numbers_of(truth.task);
  const Units units = units_of(truth, resampling.groups);
  Answered answered = look_at(truth, probabilities, classes, classes > static_cast<std::size_t>(top) ? top : 0);
  Intervals intervals{.resamples = resampling.resamples > 0 ? resampling.resamples : resamples_for(work),
                      .seed = resampling.seed,
                      .drawn = units.drawn};
  intervals.rankings = drawn_with_rankings(work);
  if (intervals.rankings) rank_classes(truth, probabilities, answered);
  const auto count = static_cast<std::size_t>(intervals.resamples);
  Samples samples(numbers, classes, count);
  ThreadPool pool(resampling.threads);
  pool.parallel_for((count + kLanes - 1) / kLanes, [&](std::size_t block) {
    std::size_t sample = block * kLanes;
    for (const Tally& tally : sum_up_samples(answered, units, resampling.seed, sample, count)) samples.put(sample++, tally);
  });

  for (std::size_t n = 0; n < numbers.size(); ++n)
    intervals.numbers.push_back(numbers[n].proportion != nullptr && !units.grouped() ? wilson_of(numbers[n].proportion(all))
                                                                                     : samples.of_number(n, numbers[n].value(all)));
  for (std::size_t k = 0; k < classes; ++k) {
    auto& of_class = intervals.classes.emplace_back();
    for (std::size_t n = 0; n < kClassNumbers; ++n) {
      const ClassNumber& number = class_numbers()[n];
      of_class[n] = number.proportion != nullptr && !units.grouped() ? wilson_of(number.proportion(all.classes[k]))
                                                                     : samples.of_class(k, n, number.value(all.classes[k]));
    }
  }
  return intervals;
}

}  // namespace graft::eval

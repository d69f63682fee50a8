#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "graft/train/lr_finder.h"

namespace graft::train {
namespace {

constexpr double kDiverged = 4;                 // times guessing: what a sweep that was ended counts as from there on
constexpr double kLittle = 0.1;                 // of guessing's loss: what is below has been learnt
constexpr double kEnough = 0.1, kMiddle = 0.5;  // of the loss at the beginning; of the deepest fall
constexpr double kSure = 2;                     // standard errors
constexpr double kChance = 0.02;                // of a sign test over the kWay rates before
constexpr std::size_t kWay = 5;
constexpr std::size_t kManySteps = 40;  // an epoch, for a third sweep

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

/// The sweeps on one grid: those that were ended go on with a loss beyond all others.
class Seen {
 public:
  explicit Seen(const LrSweeps& sweeps) : changes_(sweeps.changes) {
    for (const std::vector<double>& sweep : changes_) rates_ = std::max(rates_, sweep.size());
    for (std::vector<double>& sweep : changes_) sweep.resize(rates_, kDiverged * sweeps.guessing);
  }

  std::size_t rates() const { return rates_; }
  double smoothed(std::size_t rate) const {
    std::vector<double> values;
    for (std::size_t i = first(rate); i < last(rate); ++i)
      for (const std::vector<double>& sweep : changes_) values.push_back(sweep[i]);
    return median(std::move(values));
  }
  /// Whether the sweeps fall beyond chance there: on the way to the rate nearly all of them lie below 0, and around it their mean does. A rate's own part
  /// of that is no chance: only what differs between sweeps at the same rate is. Signs alone would trust sweeps that wander, errors alone few numbers.
  bool falls(std::size_t rate) const { return chance_of_signs(rate) <= kChance && -mean(rate) > kSure * error(rate); }

 private:
  std::size_t first(std::size_t rate) const { return rate == 0 ? 0 : rate - 1; }
  std::size_t last(std::size_t rate) const { return std::min(rate + 2, rates_); }

  /// Of so many numbers below 0 at the last rates before this one, were each as likely above. The rate itself was chosen for its fall, so it is no
  /// witness; nor is the first, before any step.
  double chance_of_signs(std::size_t rate) const {
    const std::size_t from = std::max(rate, kWay + 1) - kWay, to = std::min(from + kWay, rates_);
    double below = 0, all = 0;
    for (std::size_t i = from; i < to; ++i)
      for (const std::vector<double>& sweep : changes_) below += sweep[i] < 0, ++all;
    double chance = 0;
    for (double count = below; count <= all; ++count)
      chance += std::exp(std::lgamma(all + 1) - std::lgamma(count + 1) - std::lgamma(all - count + 1) - all * std::log(2));
    return chance;
  }
  double mean_at(std::size_t rate) const {
    double sum = 0;
    for (const std::vector<double>& sweep : changes_) sum += sweep[rate];
    return sum / static_cast<double>(changes_.size());
  }
  double mean(std::size_t rate) const {
    double sum = 0;
    for (std::size_t i = first(rate); i < last(rate); ++i) sum += mean_at(i);
    return sum / static_cast<double>(last(rate) - first(rate));
  }
  /// Of that mean; of at least two sweeps.
  double error(std::size_t rate) const {
    double squares = 0;
    for (std::size_t i = first(rate); i < last(rate); ++i)
      for (const std::vector<double>& sweep : changes_) squares += std::pow(sweep[i] - mean_at(i), 2);
    const auto sweeps = static_cast<double>(changes_.size()), width = static_cast<double>(last(rate) - first(rate));
    return std::sqrt(squares / (sweeps - 1) / sweeps) / width;
  }

  std::vector<std::vector<double>> changes_;
  std::size_t rates_ = 0;
};

/// The rate at which the middle one of the sweeps was ended; of two the lower one.
double diverging(const LrSweeps& sweeps) {
  std::vector<std::size_t> ends;
  for (const std::vector<double>& sweep : sweeps.changes) ends.push_back(sweep.size());
  std::ranges::sort(ends);
  const std::size_t end = ends.empty() ? sweeps.rates.size() : ends[(ends.size() - 1) / 2];
  return end < sweeps.rates.size() ? sweeps.rates[end] : 0;
}

/// Where between two neighbouring rates a curve that is straight over their logarithm reaches `level`.
double rate_between(const LrPoint& before, const LrPoint& after, double level) {
  const double part = (before.smoothed - level) / (before.smoothed - after.smoothed);
  return before.lr * std::pow(after.lr / before.lr, part);
}

void suggest(LrCurve& curve, const Seen& seen) {
  if (curve.start < kLittle * curve.guessing) {
    curve.answer = LrAnswer::learnt;
    return;
  }
  const auto least = std::ranges::min_element(curve.points, {}, &LrPoint::smoothed);
  if (least == curve.points.end() || least->smoothed >= curve.start) return;
  const double level = curve.start - std::min(kEnough * curve.start, kMiddle * (curve.start - least->smoothed));
  const auto there = std::ranges::find_if(curve.points, [&](const LrPoint& p) { return p.smoothed <= level; });
  if (!seen.falls(static_cast<std::size_t>(there - curve.points.begin()))) return;
  curve.answer = LrAnswer::clear;
  curve.suggestion = there == curve.points.begin() ? there->lr : rate_between(*(there - 1), *there, level);
  curve.fall = 1 - level / curve.start;
}

}  // namespace

LrEffort lr_effort(std::size_t samples, const TrainConfig& config) {
  return {.sweeps = samples >= kManySteps * static_cast<std::size_t>(config.batch) ? 3 : 2, .steps = kLrDecades * kLrSteps + 1};
}

LrCurve judge_sweeps(const LrSweeps& sweeps) {
  LrCurve curve{.start = sweeps.start, .guessing = sweeps.guessing, .diverges = diverging(sweeps)};
  const Seen seen(sweeps);
  for (std::size_t i = 0; i < seen.rates(); ++i) {
    double sum = 0, count = 0;
    for (const std::vector<double>& sweep : sweeps.changes)
      if (i < sweep.size()) sum += sweep[i], ++count;
    curve.points.push_back({sweeps.rates[i], sweeps.start + sum / count, sweeps.start + seen.smoothed(i)});
  }
  for (const std::vector<double>& sweep : sweeps.changes) {
    curve.sweeps.emplace_back();
    for (const double change : sweep) curve.sweeps.back().push_back(sweeps.start + change);
  }
  suggest(curve, seen);
  return curve;
}

}  // namespace graft::train

#include "graft/train/lr_finder.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "graft/base/error.h"
#include "graft/train/batches.h"
#include "graft/train/checks.h"
#include "graft/train/cost.h"
#include "graft/train/executor.h"
#include "graft/train/loss.h"
#include "graft/train/mix.h"
#include "graft/train/optimiser.h"
#include "graft/train/parallel.h"
#include "graft/train/regularise.h"
#include "graft/train/step.h"

namespace graft::train {
namespace {

constexpr double kFirst = 1e-6, kLast = 10;
constexpr double kForget = 0.9, kDiverged = 4;
constexpr std::size_t kParts = 7, kFewest = 5;  // of the curve, and points of a part
constexpr double kSure = 4;                     // standard errors; the least of many points is low by chance already

LrCurve sweep(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config, const Samples& samples, int steps,
              const std::function<bool()>& stop) {
  Executor executor(graph, type_of(config.storage));
  const Ways ways = choose_ways(graph, config);
  executor.set_ways(ways);
  Optimiser optimiser(config, groups_of(graph, plan, config), executor);
  executor.set_modes(modes_at(plan, 0, config.stoch_norm));
  Step step(executor, graph, plan, config, samples, ways);
  LrCurve curve;
  double average = 0, weight = 0, least = 0;
  Batches batches;
  std::size_t next = 0;
  uint64_t epoch = 0;
  for (int i = 0; i < steps; ++i) {
    if (stop && stop()) throw Interrupted();
    if (next == batches.size()) {
      epoch += batches.empty() ? 0 : 1;
      batches = batches_of(samples.labels, config, epoch);
      next = 0;
    }
    const std::vector<std::size_t>& which = batches[next++];
    const double lr = kFirst * std::pow(kLast / kFirst, static_cast<double>(i) / std::max(steps - 1, 1));
    Batch batch = batch_of(graph, samples, config, epoch, which);
    mix(batch, draw_mix(config, static_cast<uint64_t>(i)));
    const double mean = step(batch, static_cast<uint64_t>(i), which.size()).sum / static_cast<double>(which.size());
    average = kForget * average + (1 - kForget) * mean;
    weight = kForget * weight + (1 - kForget);
    const double smoothed = average / weight;
    if (!std::isfinite(mean) || (i > 0 && smoothed > kDiverged * least)) {
      curve.diverged = true;
      break;
    }
    least = i == 0 ? smoothed : std::min(least, smoothed);
    curve.points.push_back({lr, mean, smoothed});
    if (config.l2_sp > 0) pull_to_source(executor, graph, config.l2_sp);
    optimiser.step(lr, 0, optimiser.clipping(0));
  }
  curve.suggestion = steepest(curve.points);
  return curve;
}

/// Of a straight line through the points, by the number of the point: their rates rise by one factor, so it is that over the logarithm.
double slope(std::span<const LrPoint> points) {
  const double middle = static_cast<double>(points.size() - 1) / 2;
  double product = 0, square = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double x = static_cast<double>(i) - middle;
    product += x * points[i].smoothed;
    square += x * x;
  }
  return product / square;
}

/// Whether the points from their least back lie below the first ones, whose rates are too small to matter, beyond chance.
bool falls(std::span<const LrPoint> points, std::size_t length) {
  if (points.size() < 2 * length) return false;
  const auto mean_and_error = [&](std::span<const LrPoint> part) {
    double mean = 0, squares = 0;
    for (const LrPoint& p : part) mean += p.loss / static_cast<double>(length);
    for (const LrPoint& p : part) squares += (p.loss - mean) * (p.loss - mean);
    return std::pair(mean, squares / static_cast<double>(length - 1) / static_cast<double>(length));
  };
  const auto [before, error] = mean_and_error(points.first(length));
  const auto [after, other_error] = mean_and_error(points.last(length));
  return before - after > kSure * std::sqrt(error + other_error);
}

}  // namespace

double steepest(const std::vector<LrPoint>& points) {
  const auto least = std::ranges::min_element(points, {}, &LrPoint::smoothed);
  const auto count = static_cast<std::size_t>(least - points.begin()) + (least == points.end() ? 0 : 1);
  const std::size_t length = std::max(count / kParts, kFewest);
  if (!falls(std::span(points).first(count), length)) return 0;
  double best = 0, suggestion = 0;
  for (std::size_t first = 0; first + length <= count; ++first) {
    const double fall = slope(std::span(points).subspan(first, length));
    if (fall < best) best = fall, suggestion = points[first + length / 2].lr;
  }
  return suggestion;
}

LrCurve find_lr(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config, const Samples& samples, int steps,
                const std::function<bool()>& stop) {
  TrainConfig plain = config;  // what goes by validation has no part in this
  plain.patience = 0;
  plain.schedule.kind = transfer::ScheduleKind::constant;
  check(graph, plan, plain, samples, {});
  set_threads(config.threads);
  LrCurve curve;
  with_enough_memory(graph, plan, config, [&] { curve = sweep(graph, plan, plain, samples, steps, stop); });
  return curve;
}

}  // namespace graft::train

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

constexpr double kDiverged = 4;  // times guessing

/// The batches of a training, epoch after epoch.
class Order {
 public:
  Order(const graph::Graph& graph, const TrainConfig& config, const Samples& samples) : graph_(graph), config_(config), samples_(samples) {}

  Batch next() {
    if (at_ == batches_.size()) {
      epoch_ += batches_.empty() ? 0 : 1;
      batches_ = batches_of(samples_.labels, config_, epoch_);
      at_ = 0;
    }
    Batch batch = batch_of(graph_, samples_, config_, epoch_, batches_[at_++]);
    mix(batch, draw_mix(config_, number_++));
    return batch;
  }
  uint64_t number() const { return number_; }  // batches so far

 private:
  const graph::Graph& graph_;
  const TrainConfig& config_;
  const Samples& samples_;
  Batches batches_;
  std::size_t at_ = 0;
  uint64_t epoch_ = 0, number_ = 0;
};

struct Search {
  const graph::Graph& graph;
  const transfer::Plan& plan;
  const TrainConfig& config;
  const Samples& samples;
  const std::function<bool()>& stop;
  const std::function<void(std::size_t)>& progress;

  LrSweeps run() const;
  std::vector<double> sweep(const Ways& ways, Order& order, LrSweeps& seen, std::vector<double>& starts) const;
};

std::vector<double> Search::sweep(const Ways& ways, Order& order, LrSweeps& seen, std::vector<double>& starts) const {
  Executor executor(graph, type_of(config.storage));
  executor.set_ways(ways);
  Optimiser optimiser(config, groups_of(graph, plan, config), executor);
  executor.set_modes(modes_at(plan, 0, config.stoch_norm));
  Step step(executor, graph, plan, config, samples, ways);
  std::vector<at::Tensor> beginning;
  for (const at::Tensor& value : executor.values) beginning.push_back(value.clone());
  std::vector<double> changes;
  for (std::size_t i = 0; i < seen.rates.size(); ++i) {
    if (stop && stop()) throw Interrupted();
    const Batch batch = order.next();
    const auto count = static_cast<std::size_t>(batch.targets.size(0));
    std::swap(executor.values, beginning);
    const double before = step.loss(batch, order.number());
    std::swap(executor.values, beginning);
    starts.push_back(before);
    seen.guessing += step.guessing(batch);
    const double change = step(batch, order.number(), count).sum / static_cast<double>(count) - before;
    if (progress) progress(1);
    if (!std::isfinite(change) || change > kDiverged * seen.guessing / static_cast<double>(starts.size())) {
      if (progress) progress(seen.rates.size() - i - 1);
      break;
    }
    changes.push_back(change);
    if (config.l2_sp > 0) pull_to_source(executor, graph, config.l2_sp);
    optimiser.step(seen.rates[i], 0, optimiser.clipping(0));
  }
  return changes;
}

LrSweeps Search::run() const {
  const LrEffort effort = lr_effort(samples.labels.size(), config);
  LrSweeps seen{.guessing = 0};
  const double first = config.optimiser == OptimiserKind::sgd ? 1e-5 : 1e-6;
  for (int i = 0; i < effort.steps; ++i) seen.rates.push_back(first * std::pow(10, static_cast<double>(i) / kLrSteps));
  const Ways ways = choose_ways(graph, config);
  Order order(graph, config, samples);
  std::vector<double> starts;
  for (int k = 0; k < effort.sweeps; ++k) seen.changes.push_back(sweep(ways, order, seen, starts));
  for (const double start : starts) seen.start += start / static_cast<double>(starts.size());
  seen.guessing /= static_cast<double>(starts.size());
  return seen;
}

}  // namespace

LrCurve find_lr(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config, const Samples& samples,
                const std::function<bool()>& stop, const std::function<void(std::size_t)>& progress) {
  TrainConfig plain = config;  // what goes by validation has no part in this
  plain.patience = 0;
  plain.schedule.kind = transfer::ScheduleKind::constant;
  check(graph, plan, plain, samples, {});
  set_threads(config.threads);
  LrCurve curve;
  with_enough_memory(graph, plan, config, [&] { curve = judge_sweeps(Search{graph, plan, plain, samples, stop, progress}.run()); });
  return curve;
}

}  // namespace graft::train

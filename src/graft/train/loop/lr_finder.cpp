#include "graft/train/lr_finder.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "graft/base/error.h"
#include "graft/train/checks.h"
#include "graft/train/compute/parallel.h"
#include "graft/train/cost.h"
#include "graft/train/graph/executor.h"
#include "graft/train/loop/batches.h"
#include "graft/train/loop/draw.h"
#include "graft/train/loop/step.h"
#include "graft/train/loop/update.h"
#include "graft/train/terms/loss.h"

namespace graft::train {
namespace {

constexpr double kDiverged = 4;  // times guessing

/// The batches of a training, epoch after epoch.
class Order {
 public:
  Order(const graph::Graph& graph, const TrainConfig& config, const Streams& streams) : graph_(graph), config_(config), streams_(streams) {}

  Batch next() {
    if (at_ == batches_.size()) {
      epoch_ += batches_.empty() ? 0 : 1;
      batches_ = batches_of(streams_.labelled.labels, config_, epoch_);
      at_ = 0;
    }
    return draw(graph_, streams_, config_, epoch_, batches_[at_++], number_++);
  }
  uint64_t number() const { return number_; }  // batches so far

 private:
  const graph::Graph& graph_;
  const TrainConfig& config_;
  const Streams& streams_;
  Batches batches_;
  std::size_t at_ = 0;
  uint64_t epoch_ = 0, number_ = 0;
};

struct Search {
  const graph::Graph& graph;
  const transfer::Plan& plan;
  const TrainConfig& config;
  const Streams& streams;
  const std::function<bool()>& stop;
  const std::function<void(std::size_t)>& progress;

  LrSweeps run() const;
  std::vector<double> sweep(const ConvAlgorithms& algorithms, Order& order, LrSweeps& seen, std::vector<double>& starts) const;
};

std::vector<double> Search::sweep(const ConvAlgorithms& algorithms, Order& order, LrSweeps& seen, std::vector<double>& starts) const {
  Executor executor(graph, type_of(config.storage));
  executor.set_conv_algorithms(algorithms);
  Update update(executor, graph, plan, config);
  executor.set_modes(modes_at(plan, 0, config.stoch_norm));
  Step step(executor, graph, config, terms_of({graph, plan, config, streams, algorithms}));
  update.take_in(step.terms());
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
    update(seen.rates[i], 0);
  }
  return changes;
}

LrSweeps Search::run() const {
  const LrEffort effort = lr_effort(streams.labelled.labels.size(), config);
  LrSweeps seen{.guessing = 0};
  const double first = config.optimiser == OptimiserKind::sgd ? 1e-5 : 1e-6;
  for (int i = 0; i < effort.steps; ++i) seen.rates.push_back(first * std::pow(10, static_cast<double>(i) / kLrSteps));
  const ConvAlgorithms algorithms = choose_conv_algorithms(graph, config);
  Order order(graph, config, streams);
  std::vector<double> starts;
  for (int k = 0; k < effort.sweeps; ++k) seen.changes.push_back(sweep(algorithms, order, seen, starts));
  for (const double start : starts) seen.start += start / static_cast<double>(starts.size());
  seen.guessing /= static_cast<double>(starts.size());
  return seen;
}

}  // namespace

LrCurve find_lr(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config, const Streams& streams,
                const std::function<bool()>& stop, const std::function<void(std::size_t)>& progress) {
  TrainConfig plain = config;  // what goes by validation has no part in this
  plain.patience = 0;
  plain.schedule.kind = transfer::ScheduleKind::constant;
  check(graph, plan, plain, streams);
  if (config.adapt == Adaptation::shot)
    throw usage_error("shot", "gives its photos labels as it trains, and no rate is found without any", "choose --lr");
  set_threads(config.threads);
  LrCurve curve;
  with_enough_memory(graph, plan, config, [&] { curve = judge_sweeps(Search{graph, plan, plain, streams, stop, progress}.run()); });
  return curve;
}

}  // namespace graft::train

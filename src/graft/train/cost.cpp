#include "graft/train/cost.h"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "graft/base/rng.h"
#include "graft/train/executor.h"
#include "graft/train/loss.h"
#include "graft/train/mix.h"
#include "graft/train/optimiser.h"
#include "graft/train/parallel.h"
#include "graft/train/regularise.h"
#include "graft/train/step.h"

namespace graft::train {
namespace {

constexpr int kSteps = 3;

/// Noise of the size of normalised pictures.
Samples made_samples(int count, int64_t classes) {
  Samples samples;
  for (int i = 0; i < count; ++i) samples.labels.push_back(static_cast<int>(i % classes));
  samples.fill = [](uint64_t epoch, std::span<const std::size_t> which, std::span<float> out) {
    Rng rng(epoch, which.front());
    for (float& x : out) x = static_cast<float>(rng.uniform() * 4 - 2);
  };
  return samples;
}

/// The mean of some calls, after one to warm up.
double mean_of(int calls, const std::function<void()>& work) {
  work();
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < calls; ++i) work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / calls;
}

}  // namespace

Cost measure(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config, const Samples* samples) {
  Cost cost{.bytes = estimate_bytes(graph, plan, config)};
  with_enough_memory(graph, plan, config, [&] {
    set_threads(config.threads);
    Executor executor(graph, type_of(config.storage));
    const Ways ways = choose_ways(graph, config);
    executor.set_ways(ways);
    Optimiser optimiser(config, groups_of(graph, plan, config), executor);
    executor.set_modes(modes_at(plan, config.epochs - 1, config.stoch_norm));
    const Samples made = made_samples(config.batch, graph.output_dims()[0]);
    const Samples& data = samples != nullptr ? *samples : made;
    std::vector<std::size_t> which(std::min(data.labels.size(), static_cast<std::size_t>(config.batch)));
    std::iota(which.begin(), which.end(), 0);
    const auto others = [&] {  // photos that are not decoded yet, where there are more
      for (std::size_t& sample : which) sample = (sample + which.size()) % data.labels.size();
    };
    Batch batch = batch_of(graph, data, config, 0, which);
    Step step(executor, graph, plan, config, data, ways);
    cost.step_seconds = mean_of(kSteps, [&] {
      if (samples != nullptr) others(), batch = batch_of(graph, data, config, 0, which);
      mix(batch, draw_mix(config, 0));
      step(batch, 0, which.size());
      if (config.l2_sp > 0) pull_to_source(executor, graph, config.l2_sp);
      optimiser.step(0, config.epochs - 1, optimiser.clipping(config.epochs - 1));
    });
    cost.validation_seconds = mean_of(1, [&] {
      if (samples != nullptr) others(), batch.inputs = inputs_of(graph, data, 0, which);
      executor.predict(batch.inputs);
    });
  });
  return cost;
}

}  // namespace graft::train

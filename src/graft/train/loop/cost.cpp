#include "graft/train/cost.h"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "graft/base/rng.h"
#include "graft/train/compute/parallel.h"
#include "graft/train/graph/executor.h"
#include "graft/train/loop/draw.h"
#include "graft/train/loop/step.h"
#include "graft/train/loop/update.h"
#include "graft/train/terms/loss.h"

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

Streams made_streams(const TrainConfig& config, int64_t classes) {
  Streams made{made_samples(config.batch, classes)};
  for (std::size_t s = 0; s < config.streams(); ++s)
    made.unlabelled.push_back({static_cast<std::size_t>(config.batch * config.per_labeled()), made.labelled.fill});
  return made;
}

/// The mean of some calls, after one to warm up.
double mean_of(int calls, const std::function<void()>& work) {
  work();
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < calls; ++i) work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / calls;
}

}  // namespace

Cost measure(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config, const Streams* streams) {
  Cost cost{.bytes = estimate_bytes(graph, plan, config)};
  with_enough_memory(graph, plan, config, [&] {
    set_threads(config.threads);
    Executor executor(graph, type_of(config.storage));
    const ConvAlgorithms algorithms = choose_conv_algorithms(graph, config);
    executor.set_conv_algorithms(algorithms);
    Update update(executor, graph, plan, config);
    executor.set_modes(modes_at(plan, config.epochs - 1, config.stoch_norm));
    const Streams made = made_streams(config, graph.output_dims()[0]);
    const Streams& data = streams != nullptr ? *streams : made;
    const std::size_t count = data.labelled.labels.size();
    std::vector<std::size_t> which(std::min(count, static_cast<std::size_t>(config.batch)));
    std::iota(which.begin(), which.end(), 0);
    const auto others = [&] {  // photos that are not decoded yet, where there are more
      for (std::size_t& sample : which) sample = (sample + which.size()) % count;
    };
    Batch batch = draw(graph, data, config, 0, which, 0);
    Step step(executor, graph, config, terms_of({graph, plan, config, data, algorithms}));
    update.take_in(step.terms());
    cost.step_seconds = mean_of(kSteps, [&] {
      if (streams != nullptr) others(), batch = draw(graph, data, config, 0, which, 0);
      step(batch, 0, which.size());
      update(0, config.epochs - 1);
    });
    cost.validation_seconds = mean_of(1, [&] {
      if (streams != nullptr) others(), batch.inputs = inputs_of(graph, data.labelled.fill, 0, which);
      executor.predict(batch.inputs);
    });
  });
  return cost;
}

}  // namespace graft::train

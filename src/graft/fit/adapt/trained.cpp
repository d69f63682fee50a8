#include "graft/fit/adapt/trained.h"

#include <algorithm>

#include "graft/base/error.h"
#include "graft/fit/more/fine_tune.h"
#include "graft/graph/bottleneck.h"
#include "graft/graph/walks.h"
#include "graft/train/library.h"
#include "graft/transfer/initialise.h"

namespace graft::fit {
namespace {

constexpr std::size_t kUpdates = 2000;  // about as many as tllib's four epochs of 500
constexpr int kFewestEpochs = 10, kMostEpochs = 100;
constexpr double kSmoothing = 0.1;  // of the labels that the source of SHOT is trained by (Liang et al. 2020)

/// Rows as a training asks for them; they outlive it.
train::Fill rows_in(const Rows& rows) {
  return [&rows](uint64_t, std::span<const std::size_t> which, std::span<float> out) {
    for (std::size_t i = 0; i < which.size(); ++i) {
      const std::size_t row = which[i] % rows.labels.size();
      std::copy_n(rows.values.begin() + static_cast<std::ptrdiff_t>(row * rows.width), rows.width,
                  out.begin() + static_cast<std::ptrdiff_t>(i * rows.width));
    }
  };
}

train::Samples samples_in(const Rows& rows) { return {.labels = rows.labels, .fill = rows_in(rows)}; }

train::TrainConfig options_for(const FitConfig& config, const Rows& rows) {
  train::TrainConfig options = config.training;
  options.batch = static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(options.batch), rows.labels.size()));
  const std::size_t epochs = kUpdates * static_cast<std::size_t>(options.batch) / rows.labels.size();
  options.epochs = std::clamp(static_cast<int>(epochs), kFewestEpochs, kMostEpochs);
  options.imbalance = train::Imbalance::none;
  options.keep = train::Keep::last;
  options.seed = config.seed;
  options.threads = config.threads;
  options.storage = train::Storage::float32;
  options.conv_algorithms = cache_folder() / "kernels";
  return options;
}

}  // namespace

AdaptCandidate trained(Job& job, std::shared_ptr<const Domains> seen, train::Adaptation adaptation) {
  const FitConfig& c = job.config.values;
  const train::Library& library = train::library();
  const bool without_source = adaptation == train::Adaptation::shot;
  graph::Graph whole = graph::with_bottleneck(job.pretrained.graph, job.classes());
  transfer::initialise_head(whole, c.seed);
  transfer::Strategy strategy = c.plan;
  strategy.kind = transfer::Kind::head;
  const transfer::Plan plan = transfer::plan(whole, strategy);
  const graph::Graph above = graph::split(whole, graph::kBottleneck).second;
  const train::Hooks hooks{.stop = [] { return interrupted(); }};

  train::TrainConfig options = options_for(c, seen->source);
  train::Streams streams{samples_in(seen->source), samples_in(seen->val)};
  if (without_source) {
    options.label_smoothing = kSmoothing;
  } else {
    options.adapt = adaptation;
    streams.unlabelled = {{seen->target.labels.size(), rows_in(seen->target)}};
  }
  train::TrainResult result = library.train(above, plan, options, streams, hooks);
  const double train_accuracy = result.history.back().train_accuracy;
  if (without_source) {
    options = options_for(c, seen->target);
    options.label_smoothing = 0;
    options.adapt = adaptation;
    result = library.train(result.graph, transfer::with_frozen_head(plan), options, {samples_in(seen->target), samples_in(seen->val)}, hooks);
  }
  const auto said = [&](const Rows& rows) {
    return rows.labels.empty() ? std::vector<float>() : library.predict(result.graph, options, samples_in(rows));
  };
  std::vector<float> val = said(seen->val), target = said(seen->target), test = said(seen->test);
  put_back(result.graph, whole);
  return {.name = std::string(train::to_string(adaptation)),
          .seen = std::move(seen),
          .outcome = {std::move(whole), std::move(val), train_accuracy},
          .target_logits = std::move(target),
          .test_logits = std::move(test)};
}

}  // namespace graft::fit

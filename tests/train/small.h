// A small network, made samples and a plan for the tests of the training loop.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "error_text.h"
#include "graft/base/error.h"
#include "graft/base/rng.h"
#include "graft/graph/builder.h"
#include "graft/graph/walks.h"
#include "graft/train/train.h"
#include "models/rule.h"

namespace graft::train::small {

inline constexpr int kSide = 12;

/// Of every kind that is trained in another way: convolution, depthwise, batch norm, dropout, linear.
inline graph::Graph network() {
  using graph::Value;
  graph::Graph graph{.name = "small"};
  graph::Builder b(graph);
  b.stage("stem");
  Value x = relu(b.batch_norm("stem.bn", b.conv("stem.conv", b.input({3, kSide, kSide}), {.out = 8, .kernel = 3, .stride = 2})));
  b.stage("middle");
  x = relu(b.batch_norm("middle.bn", b.conv("middle.conv", x, {.out = 8, .kernel = 3, .groups = 8})));
  b.stage("last");
  x = x + relu(b.batch_norm("last.bn", b.conv("last.conv", x, {.out = 8, .kernel = 1})));
  x = apply(graph::Dropout{0.2}, {apply(graph::GlobalAveragePool{}, {x})});
  b.stage("head");
  b.linear("head", x, {.out = 3});
  rule::fill(graph);
  return graph;
}

/// The same with a classifier of two classes.
inline graph::Graph source() {
  graph::Graph graph = graph::replace_head(network(), 2);
  rule::fill(graph);
  return graph;
}

/// Pictures of three kinds with noise: a function of sample and epoch.
inline Samples pictures(std::size_t count, uint64_t salt) {
  Samples samples;
  for (std::size_t i = 0; i < count; ++i) samples.labels.push_back(static_cast<int>(i % 3));
  samples.fill = [salt](uint64_t epoch, std::span<const std::size_t> which, std::span<float> out) {
    float* to = out.data();
    for (const std::size_t sample : which) {
      Rng rng(salt + epoch, sample);
      for (int i = 0; i < kSide * kSide; ++i)
        for (std::size_t c = 0; c < 3; ++c) *to++ = static_cast<float>(rng.uniform() + (c == sample % 3 ? 0.5 : 0.0));
    }
  };
  return samples;
}

/// A training of labelled samples alone.
inline TrainResult train(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config, const Samples& samples, const Samples& val,
                         const Hooks& hooks = {}) {
  return train::train(graph, plan, config, {samples, val}, hooks);
}

inline transfer::Plan plan_of(transfer::Kind kind) { return transfer::plan(network(), {.kind = kind, .weight_decay = 1e-3}); }

inline TrainConfig config_of(OptimiserKind optimiser = OptimiserKind::sgd) {
  TrainConfig config{.epochs = 4, .batch = 8, .optimiser = optimiser, .lr = optimiser == OptimiserKind::sgd ? 0.05 : 0.005};
  config.threads = 2;
  return config;
}

inline bool same_bytes(std::span<const float> a, std::span<const float> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

/// Names of the parameters that differ in any bit.
inline std::vector<std::string> different(const graph::Graph& a, const graph::Graph& b) {
  std::vector<std::string> names;
  for (std::size_t p = 0; p < a.parameters.size(); ++p)
    if (!same_bytes(a.parameters[p].tensor.values, b.parameters[p].tensor.values)) names.push_back(a.parameters[p].name);
  return names;
}

using test::message_of;

}  // namespace graft::train::small

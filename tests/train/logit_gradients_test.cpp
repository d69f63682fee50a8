// Gradients by the values inside of a network: in float64 those of plain() are slopes, and cpu() gives what plain() gives.
#include "graft/train/logit_gradients.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <stdexcept>
#include <utility>

#include "graft/train/compute/parallel.h"
#include "graft/train/graph/executor.h"
#include "graft/train/library.h"
#include "train/operator_cases.h"
#include "train/small.h"

namespace graft::train {
namespace {

template <std::size_t... I>
std::vector<OperatorCase> all_cases(std::index_sequence<I...>) {
  std::vector<OperatorCase> list;
  const auto add = [&](std::vector<OperatorCase> some) { list.insert(list.end(), some.begin(), some.end()); };
  (add(CasesOf{}(std::variant_alternative_t<I, graph::Operator>{})), ...);
  return list;
}
std::vector<OperatorCase> all_cases() { return all_cases(std::make_index_sequence<std::variant_size_v<graph::Operator>>()); }

at::Tensor noise(at::IntArrayRef sizes, double scale, double frequency) {
  return (at::sin(at::arange(c10::multiply_integers(sizes), at::kDouble) * frequency + frequency) * scale).view(sizes);
}

at::Tensor inputs_for(const graph::Graph& graph) {
  const graph::Dims& d = graph.input_dims();
  return d.size() == 3 ? noise({3, d[1], d[2], d[0]}, 3, 0.7) : noise({3, d[0], d[1]}, 3, 0.7);
}

/// Nodes up to `last` that nodes behind it read, and no other: what follows depends on nothing else, and none of them on another. Empty where that is not so.
std::vector<graph::Output> cut_behind(const graph::Graph& graph, std::size_t last) {
  std::vector<graph::Output> cut;
  std::vector<bool> read(graph.nodes.size()), crossing(graph.nodes.size());
  for (std::size_t i = 1; i < graph.nodes.size(); ++i)
    for (const int from : graph.nodes[i].inputs) (i <= last ? read : crossing)[static_cast<std::size_t>(from)] = true;
  for (std::size_t i = 0; i <= last; ++i) {
    if (!crossing[i]) continue;
    if (read[i]) return {};
    cut.push_back({"value" + std::to_string(i), static_cast<int>(i)});
  }
  return cut;
}

class Network {
 public:
  Network(const graph::Graph& graph, std::vector<graph::Output> cut, at::ScalarType storage, const Compute& compute, StageMode mode, const char* way)
      : executor_(graph, storage, compute), cut_(std::move(cut)) {
    for (std::size_t p = 0; p < graph.parameters.size(); ++p)
      if (graph.parameters[p].shape.size() == 1 && graph.parameters[p].name.ends_with("weight")) executor_.values[p].mul_(3);
    std::vector<graph::Output> outputs = graph.named_outputs();
    std::vector<std::string> names;
    for (const graph::Output& output : cut_) {
      outputs.push_back(output);
      names.push_back(output.name);
    }
    executor_.set_conv_algorithms(every_conv_algorithm(graph, way));
    executor_.set_modes({mode});
    executor_.set_outputs(outputs);
    executor_.set_gradients_by(names);
    for (const at::Tensor& value : executor_.values) beginning_.push_back(value.clone());
  }

  Executor& executor() { return executor_; }
  /// From the statistics as they were in the beginning.
  Outputs forward(const at::Tensor& inputs) {
    for (std::size_t p = 0; p < beginning_.size(); ++p) executor_.values[p].copy_(beginning_[p]);
    return executor_.forward(inputs, {5, 2});
  }
  static at::Tensor slopes(const at::Tensor& output) { return noise(output.sizes(), 1, 1.3).to(output.scalar_type()); }
  Outputs gradients(const at::Tensor& inputs) {
    const at::Tensor output = forward(inputs).at(graph::kLogits);
    return executor_.backward({{graph::kLogits, slopes(output)}});
  }

 private:
  Executor executor_;
  std::vector<graph::Output> cut_;
  std::vector<at::Tensor> beginning_;
};

constexpr StageMode kFrozen{}, kTrains{.trains = true}, kLive{.trains = true, .batch_norm_live = true};

/// When the picture moves, so do the values of a cut, and the answer by what their gradients say.
TEST(GradientsByValues, ArePlainSlopesInFloat64) {
  constexpr double kStep = 1e-7, kBound = 5e-5;
  set_threads(1);
  for (const OperatorCase& c : all_cases())
    for (std::size_t last = 0; last + 1 < c.graph.nodes.size(); ++last) {
      const std::vector<graph::Output> cut = cut_behind(c.graph, last);
      if (cut.empty()) continue;
      for (const char* way : {kBlocks, kAten})
        for (const StageMode& mode : {kFrozen, kTrains, kLive}) {
          Network network(c.graph, cut, at::kDouble, plain(), mode, way);
          const at::Tensor inputs = inputs_for(c.graph), direction = noise(inputs.sizes(), 1, 2.1);
          const Outputs by = network.gradients(inputs);
          Outputs above = network.forward(inputs + direction * kStep), below = network.forward(inputs - direction * kStep);
          const auto rise = [&](const std::string& name) { return (above.at(name) - below.at(name)) / (2 * kStep); };
          double told = 0, most = 1;
          for (const auto& [name, gradient] : by) {
            told += (gradient * rise(name)).sum().item<double>();
            most = std::max(most, (gradient.norm() * rise(name).norm()).item<double>());
          }
          const double seen = (rise(graph::kLogits) * Network::slopes(above.at(graph::kLogits))).sum().item<double>();
          EXPECT_NEAR(told, seen, kBound * most) << c.name << ", behind node " << last << ", " << way << ", " << mode.trains << mode.batch_norm_live;
        }
    }
  set_threads(2);
}

TEST(GradientsByValues, OnTheCpuAreThoseOfPlain) {
  set_threads(1);
  for (const OperatorCase& c : all_cases())
    for (std::size_t last = 0; last + 1 < c.graph.nodes.size(); ++last) {
      const std::vector<graph::Output> cut = cut_behind(c.graph, last);
      for (const char* way : {kBlocks, kAten})
        for (const auto& [name, want] : Network(c.graph, cut, at::kFloat, plain(), kFrozen, way).gradients(inputs_for(c.graph))) {
          const at::Tensor got = Network(c.graph, cut, at::kFloat, cpu(), kFrozen, way).gradients(inputs_for(c.graph)).at(name);
          EXPECT_LE((got - want).norm().item<double>(), 1e-4 * std::max(want.norm().item<double>(), 1e-3)) << c.name << ", " << name << ", " << way;
        }
    }
  set_threads(2);
}

TEST(GradientsByValues, LeaveTheOthersAsTheyAre) {
  const graph::Graph graph = small::network();
  const auto trained = [&](bool asked) {
    graph::Graph with = graph;
    with.outputs = graph.named_outputs();
    if (asked) with.name_output("picture", 0);
    Executor executor(with, at::kFloat);
    executor.set_modes(std::vector<StageMode>(graph.stages.size(), {.trains = true}));
    if (asked) executor.set_gradients_by({"picture"});
    executor.backward({{graph::kLogits, Network::slopes(executor.forward(inputs_for(graph), {}).at(graph::kLogits))}});
    return executor.gradients;
  };
  const std::vector<at::Tensor> without = trained(false), with = trained(true);
  for (std::size_t p = 0; p < with.size(); ++p)
    if (without[p].defined()) {
      EXPECT_LE((with[p] - without[p]).norm().item<double>(), 1e-6 * without[p].norm().item<double>()) << p;
    }
}

TEST(GradientsByValues, KeepNothingBelowThemAndAreZeroOfWhatTheAnswerDoesNotRead) {
  graph::Graph graph = small::network();
  const std::size_t map = graph::head_input(graph) - 2;  // before pool and dropout
  graph.outputs = graph.named_outputs();
  graph.name_output("map", map);
  graph.name_output("again", map);
  Executor executor(graph, at::kFloat);
  executor.set_gradients_by({"map", "again"});
  for (std::size_t i = 0; i < map; ++i) EXPECT_FALSE(executor.plan().needs[i] || executor.plan().keeps[i]) << i;
  const Outputs values = executor.forward(inputs_for(graph), {});
  const Outputs none = executor.backward({});
  EXPECT_EQ(none.at("map").sizes(), values.at("map").sizes());
  EXPECT_EQ(none.at("map").abs().max().item<float>(), 0);
  executor.forward(inputs_for(graph), {});
  const Outputs both = executor.backward({{graph::kLogits, Network::slopes(values.at(graph::kLogits))}, {"again", at::ones_like(values.at("map"))}});
  executor.forward(inputs_for(graph), {});
  const Outputs one = executor.backward({{graph::kLogits, Network::slopes(values.at(graph::kLogits))}});
  EXPECT_TRUE(at::allclose(both.at("map"), one.at("map") + 1)) << "what is given for a node itself belongs to its gradient";
  EXPECT_TRUE(at::equal(both.at("map"), both.at("again")));
  EXPECT_EQ(small::message_of([&] { executor.set_gradients_by({"mpa"}); }),
            "small: no output 'mpa', expected one of 'logits', 'map', 'again'; did you mean map?");
}

/// Behind an average and a linear layer: the weights of the class that was asked for, over the number of places.
TEST(LogitGradients, AreOfEachPicturesOwnClass) {
  graph::Graph graph = small::network();
  graph.outputs = graph.named_outputs();
  graph.name_output("map", graph::head_input(graph) - 2);
  graph.name_output("picture", 0);
  const at::Tensor inputs = inputs_for(graph).to(at::kFloat);
  const std::span<const float> pictures(inputs.const_data_ptr<float>(), static_cast<std::size_t>(inputs.numel()));
  const std::vector<std::size_t> labels{2, 0, 1};
  const std::unique_ptr<Differentiator> differentiator = differentiate(graph, {"map", "picture"}, 2);
  const LogitGradients found = (*differentiator)(pictures, labels);
  const ValueGradient &map = found.by.at("map"), &picture = found.by.at("picture");
  EXPECT_EQ(map.dims, (graph::Dims{6, 6, 8}));
  EXPECT_EQ(map.rows, 3U);
  const std::span<const float> weights = graph.find("head.weight")->tensor.values;
  for (std::size_t i = 0; i < map.gradients.size(); ++i) ASSERT_FLOAT_EQ(map.gradients[i], weights[labels[i / (36 * 8)] * 8 + i % 8] / 36);
  EXPECT_EQ(picture.dims, (graph::Dims{12, 12, 3}));
  EXPECT_TRUE(small::same_bytes(picture.values, pictures));
  const std::span<const float> bias = graph.find("head.bias")->tensor.values;
  for (std::size_t n = 0; n < 3; ++n)
    for (std::size_t k = 0; k < 3; ++k) {
      double logit = bias[k];
      for (std::size_t i = 0; i < 36 * 8; ++i) logit += double{weights[k * 8 + i % 8]} * double{map.values[n * 36 * 8 + i]} / 36;
      EXPECT_NEAR(found.logits[n * 3 + k], logit, 1e-5);
    }
  EXPECT_THROW((*differentiator)(pictures, std::vector<std::size_t>{0, 1, 3}), std::logic_error) << "there are three classes";
  EXPECT_THROW((*differentiator)(pictures, std::vector<std::size_t>{0, 1}), std::logic_error);
}

TEST(LogitGradients, OfAMirroredAnswerHaveARowForEachView) {
  graph::Graph graph = graph::with_mirrored_answer(small::network());
  std::size_t map = 0;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i)
    if (graph.nodes[i].dims.size() == 3) map = i;
  graph.outputs = graph.named_outputs();
  graph.name_output("map", map);
  const at::Tensor inputs = inputs_for(graph).to(at::kFloat);
  const LogitGradients found = (*differentiate(graph, {"map"}, 2))({inputs.const_data_ptr<float>(), static_cast<std::size_t>(inputs.numel())},
                                                                   std::vector<std::size_t>{1, 1, 1});
  EXPECT_EQ(found.by.at("map").rows, 6U);
  EXPECT_EQ(found.by.at("map").gradients.size(), 6U * 36 * 8);
}

}  // namespace
}  // namespace graft::train

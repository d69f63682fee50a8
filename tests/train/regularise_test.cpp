#include "graft/train/loop/update.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "graft/graph/walks.h"
#include "graft/train/terms/loss.h"
#include "graft/train/terms/term.h"
#include "graft/transfer/co_tuning.h"
#include "train/small.h"
#include "train/tensors.h"

namespace graft::train {
namespace {

using namespace small;

/// What one term that is asked for says.
struct Said {
  double value;
  at::Tensor gradient;
};
Said said(const Term& term, const std::string& output, const at::Tensor& value, const at::Tensor& targets = {}, std::size_t share = 1) {
  const TermLoss loss = term({{output, value}}, {.targets = targets}, share);
  return {loss.sum, loss.gradients.at(output)};
}

TEST(SpectralShrinkage, AgreesWithPyTorch) {
  const Streams none;
  const TrainConfig config{.bss = 1};
  const graph::Graph graph = network();
  const Term term = *spectral_shrinkage_term({graph, {}, config, none, {}});
  const auto goldens = nlohmann::json::parse(std::ifstream(GRAFT_TESTS "/train/losses.json"))["bss"];
  ASSERT_EQ(goldens.size(), 3U);
  for (const auto& golden : goldens) {
    const at::Tensor features = tensor_of(golden["features"]);
    const Said ours = said(term, graph::kFeatures, features, {}, static_cast<std::size_t>(features.size(0)));
    EXPECT_NEAR(ours.value / static_cast<double>(features.size(0)) / golden["loss"].get<double>(), 1, 1e-5);
    const at::Tensor wanted = tensor_of(golden["gradient"]);
    EXPECT_LT(((ours.gradient - wanted).abs().max() / wanted.abs().max()).item<double>(), 1e-5);
  }
}

TEST(CoTuningLoss, AgreesWithPyTorch) {
  const auto goldens = nlohmann::json::parse(std::ifstream(GRAFT_TESTS "/train/losses.json"))["co-tuning"];
  ASSERT_EQ(goldens.size(), 3U);
  const TrainConfig config{.co_tuning = 1};
  for (const auto& golden : goldens) {
    const at::Tensor logits = tensor_of(golden["logits"]), same = at::eye(logits.size(1));
    Streams streams;  // each class is one of the source's
    streams.labelled.relation = {static_cast<std::size_t>(same.size(0)), {same.const_data_ptr<float>(), same.const_data_ptr<float>() + same.numel()}};
    const Term term = *co_tuning_term({network(), {}, config, streams, {}});
    const Said ours = said(term, transfer::kSourceLogits, logits, tensor_of(golden["targets"]));
    EXPECT_NEAR(ours.value / golden["loss"].get<double>(), 1, 1e-5);
    const at::Tensor wanted = tensor_of(golden["gradient"]);
    EXPECT_LT(((ours.gradient - wanted).abs().max() / wanted.abs().max()).item<double>(), 1e-5);
  }
}

/// The penalty of the head's input as a function of one weight, against its gradient through the network.
TEST(SpectralShrinkage, GoesThroughTheNetwork) {
  graph::Graph graph = network();
  const Streams none;
  const TrainConfig config{.bss = 1};
  const Term term = *spectral_shrinkage_term({graph, {}, config, none, {}});
  term.prepare(graph);
  Executor executor(graph, at::kFloat);
  executor.set_modes(modes_at(transfer::plan(network(), {.kind = transfer::Kind::full, .batch_norm = transfer::BatchNormMode::fixed}), 0));
  const Samples samples = pictures(5, 1);
  const at::Tensor inputs = inputs_of(executor.graph(), samples.fill, 0, std::vector<std::size_t>{0, 1, 2, 3, 4});
  const auto penalty = [&] { return said(term, graph::kFeatures, executor.forward(inputs, {1, 1}).at(graph::kFeatures)); };
  EXPECT_NEAR(slope_over_gradient(executor, graph::kFeatures, "last.conv.weight", penalty), 1, 0.02);
}

TEST(PullToSource, IsTheSlopeOfHalfTheSquaredDistanceBelowTheHead) {
  const graph::Graph source = network();
  Executor executor(source, at::kFloat);
  for (std::size_t p = 0; p < executor.values.size(); ++p) {
    executor.values[p].add_(0.5);
    if (!source.parameters[p].buffer && source.parameters[p].name != "stem.conv.weight") executor.gradients[p] = at::ones_like(executor.values[p]);
  }
  pull_to_source(executor, source, 0.1);
  for (std::size_t p = 0; p < executor.values.size(); ++p) {
    const graph::Parameter& parameter = source.parameters[p];
    if (parameter.buffer || parameter.name == "stem.conv.weight") {
      EXPECT_FALSE(executor.gradients[p].defined()) << "what does not train is left alone";
      continue;
    }
    const double wanted = parameter.name.starts_with("head") ? 1 : 1 + 0.1 * 0.5;
    EXPECT_LT((executor.gradients[p] - wanted).abs().max().item<double>(), 1e-6) << parameter.name;
  }
}

/// Of the parameters below the head.
double distance(const graph::Graph& a, const graph::Graph& b) {
  double squares = 0;
  for (std::size_t p = 0; p < a.parameters.size(); ++p)
    if (!a.parameters[p].name.starts_with("head") && !a.parameters[p].buffer)
      for (std::size_t i = 0; i < a.parameters[p].tensor.values.size(); ++i)
        squares += std::pow(a.parameters[p].tensor.values[i] - b.parameters[p].tensor.values[i], 2);
  return std::sqrt(squares);
}

TEST(L2Sp, KeepsATrainingNearItsSource) {
  const auto moved = [](double strength) {
    TrainConfig config = config_of();
    config.l2_sp = strength;
    return distance(train(network(), plan_of(transfer::Kind::full), config, pictures(48, 1), {}).graph, network());
  };
  const double freely = moved(0), pulled = moved(0.1), held = moved(5);
  EXPECT_LT(pulled, freely);
  EXPECT_LT(held, 0.5 * freely);
}

TEST(GroupsOf, WithL2SpOnlyTheHeadDecays) {
  const transfer::Plan plan = plan_of(transfer::Kind::full);
  TrainConfig config = config_of();
  const auto decayed = [&] {
    std::vector<int> stages;
    for (const auto& group : groups_of(network(), plan, config))
      if (group.weight_decay > 0) stages.push_back(group.stage);
    return stages;
  };
  EXPECT_EQ(decayed(), (std::vector<int>{0, 1, 2, 3}));
  config.l2_sp = 0.01;
  EXPECT_EQ(decayed(), (std::vector<int>{3}));
}

}  // namespace
}  // namespace graft::train

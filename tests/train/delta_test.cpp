#include "graft/train/terms/delta.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "graft/models/registry.h"
#include "graft/train/checks.h"
#include "graft/train/cost.h"
#include "graft/train/terms/loss.h"
#include "train/small.h"
#include "train/tensors.h"

namespace graft::train {
namespace {

using namespace small;

/// (photos, channels x places) to (photos, places, channels).
at::Tensor map_of(const nlohmann::json& rows, int64_t channels) {
  std::vector<float> all;
  for (const auto& row : rows)
    for (const auto& x : row) all.push_back(x.get<float>());
  return at::tensor(all, at::kFloat).view({static_cast<int64_t>(rows.size()), channels, -1}).transpose(1, 2).contiguous();
}

TEST(MapDistance, AgreesWithPyTorch) {
  const auto goldens = nlohmann::json::parse(std::ifstream(GRAFT_TESTS "/train/losses.json"))["delta"];
  ASSERT_EQ(goldens.size(), 3U);
  for (const auto& golden : goldens) {
    const auto channels = golden["channels"].get<int64_t>();
    const MapDistance ours = map_distance(map_of(golden["ours"], channels), map_of(golden["source"], channels));
    EXPECT_NEAR(ours.value / golden["loss"].get<double>(), 1, 1e-5);
    const at::Tensor wanted = map_of(golden["gradient"], channels);
    EXPECT_LT(((ours.gradient - wanted).abs().max() / wanted.abs().max()).item<double>(), 1e-5);
  }
}

/// The distance of every kind of output, that of a batch norm that its readers compute among them, by one weight below them all.
TEST(Backward, TakesGradientsOfInnerOutputs) {
  for (const bool live : {false, true}) {
    Executor executor(network(), at::kFloat);
    const auto batch_norm = live ? transfer::BatchNormMode::live : transfer::BatchNormMode::fixed;
    executor.set_modes(modes_at(transfer::plan(network(), {.kind = transfer::Kind::full, .batch_norm = batch_norm}), 0));
    std::vector<std::size_t> nodes;
    for (std::size_t i = 1; i + 2 < executor.graph().nodes.size(); ++i)
      if (!std::holds_alternative<graph::Dropout>(executor.graph().nodes[i].op)) nodes.push_back(i);
    for (std::size_t node : nodes) {
      executor.set_outputs({{"inner", static_cast<int>(node)}});
      const at::Tensor inputs = inputs_of(executor.graph(), pictures(5, 1).fill, 0, std::vector<std::size_t>{0, 1, 2, 3, 4});
      const auto distance = [&] {
        const at::Tensor out = executor.forward(inputs, {1, 1}).at("inner");
        // Not one number for all: the distance of what a live batch norm gives from that is the same whatever the weights.
        return map_distance(out, at::sin(at::arange(out.numel(), at::kFloat)).view(out.sizes()));
      };
      EXPECT_NEAR(slope_over_gradient(executor, "inner", "stem.conv.weight", distance), 1, 0.03) << "node " << node << (live ? ", live" : "");
    }
  }
}

TEST(ComparedMaps, AreTheLastPicturesOfTheLastFourStages) {
  const graph::Graph resnet = models::find("resnet18").build(10, 64);
  const auto stages = [&](transfer::Kind kind) {
    std::vector<std::string> list;
    for (const graph::Output& map :
         compared_maps(resnet, transfer::plan(resnet, {.kind = kind, .unfreeze = kind == transfer::Kind::partial ? "2" : ""}))) {
      const graph::Node& node = resnet.nodes[static_cast<std::size_t>(map.node)];
      EXPECT_EQ(node.dims.size(), 3U);
      EXPECT_EQ(map.name, "map." + resnet.stages[static_cast<std::size_t>(node.stage)]);
      list.push_back(map.name.substr(4));
    }
    return list;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(stages(transfer::Kind::full), (Names{"layer1", "layer2", "layer3", "layer4"}));
  EXPECT_EQ(stages(transfer::Kind::partial), (Names{"layer3", "layer4"}));
  EXPECT_EQ(stages(transfer::Kind::head), Names{});
}

TEST(Delta, KeepsWhatStagesGiveNearTheSources) {
  const Samples samples = pictures(48, 1);
  const auto moved = [&](double strength) {
    TrainConfig config = config_of();
    config.delta = strength;
    const graph::Graph trained = train(network(), plan_of(transfer::Kind::full), config, samples, {}).graph;
    const at::Tensor inputs = inputs_of(trained, samples.fill, 0, std::vector<std::size_t>{0, 1, 2, 3, 4, 5});
    const graph::Output map = compared_maps(trained, plan_of(transfer::Kind::full)).back();
    const auto output = [&](const graph::Graph& graph) {
      Executor executor(graph, at::kFloat);
      executor.set_outputs({map});
      return executor.forward(inputs, {}).at(map.name);
    };
    return map_distance(output(trained), output(network())).value;
  };
  const double freely = moved(0), pulled = moved(1), held = moved(20);
  EXPECT_LT(pulled, freely);
  EXPECT_LT(held, 0.5 * freely);
}

TEST(Delta, WithoutASourceIsAnError) {
  TrainConfig config = config_of();
  config.delta = 0.1;
  const auto text = [&](transfer::Kind kind) { return message_of([&] { check(network(), plan_of(kind), config, {pictures(24, 1)}); }); };
  EXPECT_EQ(text(transfer::Kind::head), "--delta 0.1: no stage below the new layer is trained; choose --strategy partial or full");
  EXPECT_EQ(text(transfer::Kind::scratch), "--delta 0.1: the strategy scratch has no pretrained network to stay near; choose --strategy full");
}

TEST(Delta, IsInTheEstimateOfMemory) {
  const graph::Graph graph = models::find("resnet18").build(10, 64);
  const transfer::Plan plan = transfer::plan(graph, {.kind = transfer::Kind::full});
  EXPECT_GT(estimate_bytes(graph, plan, {.delta = 0.1}) - estimate_bytes(graph, plan, {}), 4 * 11'000'000U) << "the weights and more";
}

}  // namespace
}  // namespace graft::train

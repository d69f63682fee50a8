#include "graft/transfer/groups.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>

#include "transfer/made_graphs.h"

namespace graft::transfer {
namespace {

std::vector<std::string> summary(const graph::Graph& graph, const Strategy& strategy) {
  std::vector<std::string> lines;
  for (const ParamGroup& g : groups(graph, plan(graph, strategy)))
    lines.push_back(g.name + ": " + std::to_string(g.parameters.size()) + " of lr " + std::to_string(g.lr_scale) + ", decay " +
                    std::to_string(g.weight_decay));
  return lines;
}

TEST(Groups, AStageHasOneWithDecayAndOneWithout) {
  const graph::Graph resnet = network("resnet18");
  EXPECT_EQ(summary(resnet, {.lr_decay = 0.5, .head_lr = 10, .weight_decay = 0.01}),
            (std::vector<std::string>{"layer4: 5 of lr 0.500000, decay 0.010000", "layer4 without decay: 10 of lr 0.500000, decay 0.000000",
                                      "head: 1 of lr 10.000000, decay 0.010000", "head without decay: 1 of lr 10.000000, decay 0.000000"}));
  EXPECT_EQ(summary(resnet, {.weight_decay = 0}),
            (std::vector<std::string>{"layer4: 15 of lr 1.000000, decay 0.000000", "head: 2 of lr 1.000000, decay 0.000000"}));
  EXPECT_EQ(summary(resnet, {.kind = Kind::head, .weight_decay = 0.01, .decay_norms = true}),
            std::vector<std::string>{"head: 2 of lr 1.000000, decay 0.010000"});
}

TEST(Groups, KeepTheEpochOfTheirStage) {
  const graph::Graph lite = network("efficientnet_lite0");
  std::map<std::string, int> epochs;
  for (const ParamGroup& g : groups(lite, plan(lite, {.kind = Kind::gradual, .unfreeze = "blocks.6", .every = 3}))) epochs[g.name] = g.unfreezes_at;
  EXPECT_EQ(epochs, (std::map<std::string, int>{{"blocks.6", 6},
                                                {"blocks.6 without decay", 6},
                                                {"conv_head", 3},
                                                {"conv_head without decay", 3},
                                                {"head", 0},
                                                {"head without decay", 0}}));
}

TEST(Groups, HeadTrainsTheHeadAlone) {
  for (const char* name : {"resnet18", "vgg16", "efficientnet_lite0", "squeezenet1_1"}) {
    const graph::Graph graph = network(name);
    std::vector<std::string> names;
    for (const ParamGroup& g : groups(graph, plan(graph, {.kind = Kind::head})))
      for (const int i : g.parameters) names.push_back(graph.parameters[static_cast<std::size_t>(i)].name);
    const std::size_t count = graph.parameters.size();
    EXPECT_EQ(names, (std::vector<std::string>{graph.parameters[count - 2].name, graph.parameters[count - 1].name})) << name;
  }
}

TEST(ParameterPlans, SayWhy) {
  const graph::Graph resnet = network("resnet18");
  const auto why = [&](const Strategy& s, const char* name) {
    const auto at = static_cast<std::size_t>(resnet.find(name) - resnet.parameters.data());
    return parameter_plans(resnet, plan(resnet, s))[at].why;
  };
  EXPECT_EQ(why({}, "layer1.0.conv1.weight"), "layer1 is frozen");
  EXPECT_EQ(why({}, "layer4.0.conv1.weight"), "weight");
  EXPECT_EQ(why({}, "layer4.0.bn1.weight"), "norm, bias or scale: no decay");
  EXPECT_EQ(why({.decay_norms = true}, "layer4.0.bn1.weight"), "weight");
  EXPECT_EQ(why({}, "layer4.0.bn1.running_mean"), "running statistic, fixed");
  EXPECT_EQ(why({.batch_norm = BatchNormMode::live}, "layer4.0.bn1.running_mean"), "running statistic, live");
  EXPECT_EQ(why({.batch_norm = BatchNormMode::live}, "layer3.0.bn1.running_mean"), "running statistic, fixed");
}

TEST(WithoutDecay, ByRankAndByName) {
  const auto spared = [](const char* name, graph::Dims shape) { return without_decay({.name = name, .shape = std::move(shape)}); };
  EXPECT_TRUE(spared("layer1.0.bn1.weight", {64}));
  EXPECT_TRUE(spared("fc.bias", {1000}));
  EXPECT_TRUE(spared("logit_scale", {}));
  EXPECT_TRUE(spared("encoder.pos_embedding", {1, 197, 768}));
  EXPECT_TRUE(spared("pos_embed", {1, 197, 384}));
  EXPECT_TRUE(spared("class_token", {1, 1, 768}));
  EXPECT_TRUE(spared("cls_token", {1, 1, 384}));
  EXPECT_TRUE(spared("features.1.0.layer_scale", {96, 1, 1}));
  EXPECT_FALSE(spared("fc.weight", {1000, 512}));
  EXPECT_FALSE(spared("pos_embed.proj.weight", {768, 3, 16, 16}));
}

Strategy any_strategy(const graph::Graph& graph) {
  Strategy s;
  s.kind = *rc::gen::element(Kind::head, Kind::partial, Kind::full, Kind::gradual, Kind::scratch);
  if (s.kind == Kind::partial || s.kind == Kind::gradual)
    s.unfreeze = *rc::gen::oneOf(rc::gen::just(std::string()), rc::gen::elementOf(graph.stages), rc::gen::just(std::string("1")));
  s.every = *rc::gen::inRange(1, 5);
  s.lr_decay = *rc::gen::element(1.0, 0.9, 0.3);
  s.head_lr = *rc::gen::element(1.0, 10.0);
  s.weight_decay = *rc::gen::element(0.0, 1e-4, 0.1);
  s.decay_norms = *rc::gen::arbitrary<bool>();
  if (s.kind != Kind::scratch) s.batch_norm = *rc::gen::element(BatchNormMode::fixed, BatchNormMode::live, BatchNormMode::automatic);
  return s;
}

TEST(Groups, EveryTrainingParameterIsInOneAndNoOtherInAny) {
  std::vector<graph::Graph> graphs{made_graph(true)};
  for (const models::Backbone& row : models::all()) graphs.push_back(row.build(10, row.preprocess().crop));
  for (const graph::Graph& graph : graphs)
    EXPECT_TRUE(rc::check(graph.name, [&] {
      const Plan p = plan(graph, any_strategy(graph));
      std::vector<int> times(graph.parameters.size());
      for (const ParamGroup& group : groups(graph, p)) {
        const StagePlan& stage = p.stages[static_cast<std::size_t>(group.stage)];
        RC_ASSERT(stage.trains);
        RC_ASSERT(group.lr_scale == stage.lr_scale && group.lr_scale > 0);
        RC_ASSERT(group.unfreezes_at == stage.unfreezes_at);
        for (const int i : group.parameters) {
          const graph::Parameter& parameter = graph.parameters[static_cast<std::size_t>(i)];
          ++times[static_cast<std::size_t>(i)];
          RC_ASSERT(parameter.stage == group.stage);
          RC_ASSERT(group.weight_decay == (without_decay(parameter) && !p.strategy.decay_norms ? 0 : p.strategy.weight_decay));
        }
      }
      for (std::size_t i = 0; i < times.size(); ++i) {
        const graph::Parameter& parameter = graph.parameters[i];
        const bool trains = !parameter.buffer && parameter.stage >= p.first_trainable;
        RC_ASSERT(times[i] == (trains ? 1 : 0));
      }
    })) << graph.name;
}

}  // namespace
}  // namespace graft::transfer

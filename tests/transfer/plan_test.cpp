#include "graft/transfer/plan.h"

#include <gtest/gtest.h>

#include "graft/graph/bottleneck.h"
#include "graft/transfer/initialise.h"
#include "transfer/made_graphs.h"

namespace graft::transfer {
namespace {

using Names = std::vector<std::string>;

Names training(const Plan& plan) {
  Names names;
  for (const StagePlan& s : plan.stages)
    if (s.trains) names.push_back(s.name);
  return names;
}

Names live(const Plan& plan) {
  Names names;
  for (const StagePlan& s : plan.stages)
    if (s.batch_norm_live) names.push_back(s.name);
  return names;
}

std::vector<double> lr_scales(const Plan& plan) {
  std::vector<double> scales;
  for (const StagePlan& s : plan.stages) scales.push_back(s.lr_scale);
  return scales;
}

std::vector<int> epochs(const Plan& plan) {
  std::vector<int> epochs;
  for (const StagePlan& s : plan.stages) epochs.push_back(s.trains ? s.unfreezes_at : -1);
  return epochs;
}

TEST(Plan, StagesOfEachStrategy) {
  const graph::Graph resnet = network("resnet18");
  EXPECT_EQ(training(plan(resnet, {.kind = Kind::head})), Names{"head"});
  EXPECT_EQ(training(plan(resnet, {})), (Names{"layer4", "head"})) << "partial, the last stage besides the head";
  EXPECT_EQ(training(plan(resnet, {.unfreeze = "layer3"})), (Names{"layer3", "layer4", "head"}));
  EXPECT_EQ(training(plan(resnet, {.unfreeze = "2"})), (Names{"layer3", "layer4", "head"}));
  EXPECT_EQ(training(plan(resnet, {.unfreeze = "head"})), Names{"head"});
  EXPECT_EQ(training(plan(resnet, {.unfreeze = "5"})), resnet.stages);
  EXPECT_EQ(training(plan(resnet, {.kind = Kind::full})), resnet.stages);
  EXPECT_EQ(training(plan(resnet, {.kind = Kind::scratch})), resnet.stages);
  EXPECT_EQ(training(plan(resnet, {.kind = Kind::gradual})), resnet.stages) << "in the end";
  EXPECT_EQ(training(plan(network("vgg16"), {})), (Names{"classifier", "head"}));
  EXPECT_EQ(training(plan(network("vgg16"), {.unfreeze = "block5"})), (Names{"block5", "classifier", "head"}));
  EXPECT_EQ(training(plan(network("efficientnet_lite0"), {.unfreeze = "2"})), (Names{"blocks.6", "conv_head", "head"}));
  EXPECT_EQ(training(plan(network("squeezenet1_1"), {})), (Names{"fire4", "head"}));
}

/// A bottleneck is as new as the head: it trains with it, as fast, and has no statistics that could stay.
TEST(Plan, ABottleneckGoesWithTheHead) {
  const graph::Graph resnet = graph::with_bottleneck(network("resnet18"), 4, 64);
  const Plan head = plan(resnet, {.kind = Kind::head, .head_lr = 10}), partial = plan(resnet, {.head_lr = 10});
  EXPECT_EQ(training(head), (Names{"bottleneck", "head"}));
  EXPECT_EQ(live(head), Names{"bottleneck"});
  EXPECT_EQ(lr_scales(head), (std::vector<double>{0, 0, 0, 0, 0, 10, 10}));
  EXPECT_EQ(resnet.stages[static_cast<std::size_t>(head.first_trainable)], "bottleneck");
  EXPECT_EQ(training(partial), (Names{"layer4", "bottleneck", "head"}));
  EXPECT_EQ(training(plan(resnet, {.unfreeze = "2"})), (Names{"layer3", "layer4", "bottleneck", "head"}));
  EXPECT_EQ(lr_scales(partial), (std::vector<double>{0, 0, 0, 0, 1, 10, 10}));
  EXPECT_EQ(epochs(plan(resnet, {.kind = Kind::gradual, .every = 2})), (std::vector<int>{10, 8, 6, 4, 2, 0, 0}));
}

/// A network that came with one keeps it.
TEST(InitialiseHead, FillsABottleneckWithoutValuesAlone) {
  graph::Graph resnet = graph::with_bottleneck(network("resnet18"), 4, 64);
  initialise_head(resnet, 1);
  const auto before = resnet.find("bottleneck.0.weight")->tensor.values;
  ASSERT_FALSE(before.empty());
  const float head = resnet.find("fc.weight")->tensor.values[0];
  initialise_head(resnet, 2);
  EXPECT_EQ(resnet.find("bottleneck.0.weight")->tensor.values.data(), before.data());
  EXPECT_NE(resnet.find("fc.weight")->tensor.values[0], head);
}

TEST(Plan, OfAFrozenHeadTrainsWhatIsBelow) {
  const graph::Graph resnet = network("resnet18");
  const Plan frozen = with_frozen_head(plan(resnet, {}));
  EXPECT_EQ(training(frozen), Names{"layer4"});
  EXPECT_EQ(frozen.first_trainable, 4);
  EXPECT_EQ(lr_scales(frozen).back(), 0);
}

TEST(Plan, TheCutIsTheFirstStageThatTrains) {
  const graph::Graph resnet = network("resnet18");
  EXPECT_EQ(plan(resnet, {.kind = Kind::head}).first_trainable, 5);
  EXPECT_EQ(plan(resnet, {.unfreeze = "layer3"}).first_trainable, 3);
  EXPECT_EQ(plan(resnet, {.kind = Kind::full}).first_trainable, 0);
}

TEST(Plan, GradualAddsAStageFromTheTopDown) {
  const Plan all = plan(network("resnet18"), {.kind = Kind::gradual, .every = 2});
  EXPECT_EQ(epochs(all), (std::vector<int>{10, 8, 6, 4, 2, 0}));
  EXPECT_EQ(first_trainable_at(all, 0), 5);
  EXPECT_EQ(first_trainable_at(all, 1), 5);
  EXPECT_EQ(first_trainable_at(all, 2), 4);
  EXPECT_EQ(first_trainable_at(all, 9), 1);
  EXPECT_EQ(first_trainable_at(all, 100), 0);
  const Plan few = plan(network("resnet18"), {.kind = Kind::gradual, .every = 2}, 5);
  EXPECT_EQ(training(few), (Names{"layer3", "layer4", "head"})) << "the turn of the others would come after 5 epochs";
  const Plan part = plan(network("resnet18"), {.kind = Kind::gradual, .unfreeze = "layer3"});
  EXPECT_EQ(epochs(part), (std::vector<int>{-1, -1, -1, 2, 1, 0}));
  EXPECT_EQ(first_trainable_at(part, 100), part.first_trainable);
  EXPECT_EQ(epochs(plan(network("resnet18"), {.kind = Kind::full, .every = 2})), std::vector<int>(6, 0));
}

TEST(Plan, LearningRateFallsFromTheHeadDown) {
  const graph::Graph resnet = network("resnet18");
  EXPECT_EQ(lr_scales(plan(resnet, {.kind = Kind::full, .lr_decay = 0.5, .head_lr = 10})),
            (std::vector<double>{0.03125, 0.0625, 0.125, 0.25, 0.5, 10}));
  EXPECT_EQ(lr_scales(plan(resnet, {.lr_decay = 0.5})), (std::vector<double>{0, 0, 0, 0, 0.5, 1}));
}

TEST(Plan, BatchNormIsLiveWhereItIsToBe) {
  const graph::Graph resnet = network("resnet18");
  const Names body{"stem", "layer1", "layer2", "layer3", "layer4"};  // no BatchNorm in the head
  EXPECT_EQ(live(plan(resnet, {.kind = Kind::full})), body);
  EXPECT_EQ(live(plan(resnet, {.kind = Kind::scratch})), body);
  EXPECT_EQ(live(plan(resnet, {.kind = Kind::full, .batch_norm = BatchNormMode::fixed})), Names{});
  EXPECT_EQ(live(plan(resnet, {})), Names{});
  EXPECT_EQ(live(plan(resnet, {.kind = Kind::gradual})), Names{});
  EXPECT_EQ(live(plan(resnet, {.unfreeze = "2", .batch_norm = BatchNormMode::live})), (Names{"layer3", "layer4"}));
  EXPECT_EQ(live(plan(resnet, {.kind = Kind::head, .batch_norm = BatchNormMode::live})), Names{});
  EXPECT_EQ(live(plan(network("vgg16"), {.kind = Kind::full})), Names{});
}

TEST(Plan, StagesWithoutParametersDoNotCount) {
  const graph::Graph made = made_graph(true);
  EXPECT_EQ(training(plan(made, {.unfreeze = "3"})), (Names{"stem", "body", "top", "head"}));
  EXPECT_EQ(training(plan(made, {.unfreeze = "pool"})), (Names{"body", "top", "head"}));
  EXPECT_EQ(plan(made, {.unfreeze = "pool"}).first_trainable, 2);
  EXPECT_EQ(lr_scales(plan(made, {.kind = Kind::full, .lr_decay = 0.5})), (std::vector<double>{0.125, 0, 0.25, 0.5, 1}));
  const Plan gradual = plan(made, {.kind = Kind::gradual});
  EXPECT_EQ(epochs(gradual), (std::vector<int>{3, -1, 2, 1, 0}));
  EXPECT_EQ(first_trainable_at(gradual, 2), 2);
  EXPECT_EQ(first_trainable_at(gradual, 3), 0);
  EXPECT_EQ(epochs(plan(made_graph(false), {.kind = Kind::gradual})), (std::vector<int>{2, -1, 1, 0, -1})) << "something trains from the start";
}

TEST(Plan, WhatCannotBeIsAnError) {
  const graph::Graph resnet = network("resnet18");
  const auto error = [&](const Strategy& s) { return message_of([&] { plan(resnet, s); }); };
  EXPECT_EQ(error({.unfreeze = "layr4"}),
            "resnet18: no stage 'layr4', expected one of 'stem', 'layer1', 'layer2', 'layer3', 'layer4', 'head'; did you mean layer4?");
  EXPECT_EQ(error({.unfreeze = "6"}), "unfreeze '6': resnet18 has 5 stages besides its head, expected 1 to 5 or the name of one");
  EXPECT_EQ(error({.unfreeze = "99999999999999999999"}),
            "unfreeze '99999999999999999999': resnet18 has 5 stages besides its head, expected 1 to 5 or the name of one");
  EXPECT_EQ(error({.unfreeze = "0"}),
            "unfreeze '0': resnet18 has 5 stages besides its head, expected 1 to 5 or the name of one; the strategy head trains the head alone");
  EXPECT_EQ(error({.kind = Kind::full, .unfreeze = "layer4"}), "unfreeze 'layer4': the strategy full trains every stage; choose partial or gradual");
  EXPECT_EQ(error({.kind = Kind::head, .unfreeze = "1"}), "unfreeze '1': the strategy head trains the head alone; choose partial or gradual");
  EXPECT_EQ(error({.kind = Kind::scratch, .batch_norm = BatchNormMode::fixed}),
            "scratch: a network with random weights has no statistics to keep fixed; choose --batch-norm live");
  EXPECT_EQ(error({.every = 0}), "every 0: expected at least 1 epoch");
  EXPECT_EQ(error({.lr_decay = 1.5}), "lr_decay 1.5: expected above 0 and at most 1");
  EXPECT_EQ(error({.head_lr = 0}), "head_lr 0: expected above 0");
  EXPECT_EQ(error({.weight_decay = -0.1}), "weight_decay -0.1: expected at least 0");
  EXPECT_EQ(message_of([] { plan(made_graph(false), {.kind = Kind::head}); }),
            "made: the strategy head trains nothing: no parameters from the stage 'head' on; train from 'top' on");
}

}  // namespace
}  // namespace graft::transfer

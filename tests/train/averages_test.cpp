// Weights made of several: SWA, WiSE; and SAM, which takes gradients elsewhere.
#include "graft/train/loop/averages.h"

#include <gtest/gtest.h>

#include <cmath>

#include "graft/train/loop/sharpness.h"
#include "graft/train/terms/loss.h"
#include "train/small.h"

namespace graft::train {
namespace {

using namespace small;

const auto kFixed = transfer::BatchNormMode::fixed;

TrainConfig constant(int epochs) {
  TrainConfig config = config_of();
  config.epochs = epochs;
  config.schedule = {.kind = transfer::ScheduleKind::constant, .warmup = 0};
  return config;
}

graph::Graph trained(const TrainConfig& config, transfer::BatchNormMode mode = kFixed) {
  return train(network(), transfer::plan(network(), {.kind = transfer::Kind::full, .batch_norm = mode}), config, pictures(40, 1), {}).graph;
}

/// Compares every parameter with what `wanted` makes of those of a and b.
void expect_made_of(const graph::Graph& made, const graph::Graph& a, const graph::Graph& b, double part_of_a, bool head) {
  for (std::size_t p = 0; p < made.parameters.size(); ++p) {
    const bool plain = made.parameters[p].name.starts_with("head") && !head;
    for (std::size_t i = 0; i < made.parameters[p].tensor.values.size(); ++i) {
      const double x = a.parameters[p].tensor.values[i], y = b.parameters[p].tensor.values[i];
      ASSERT_NEAR(made.parameters[p].tensor.values[i], plain ? x : part_of_a * x + (1 - part_of_a) * y, 2e-6) << made.parameters[p].name;
    }
  }
}

TEST(Averages, SharesAndEpochs) {
  EXPECT_EQ(first_averaged(10, 0.25), 7);
  EXPECT_EQ(first_averaged(4, 0.5), 2);
  EXPECT_EQ(first_averaged(10, 0.01), 9) << "at least the last";
  EXPECT_EQ(first_averaged(10, 1), 0);
  EXPECT_DOUBLE_EQ(ema_share(0.99, 0), 0.9);
  EXPECT_DOUBLE_EQ(ema_share(0.99, 1e6), 1 - 0.99);
}

TEST(Averages, SwaIsTheMeanOfTheLastEpochs) {
  TrainConfig config = constant(4);
  config.swa = 0.5;
  expect_made_of(trained(config), trained(constant(3)), trained(constant(4)), 0.5, true);
}

TEST(Averages, SwaMeasuresLiveStatisticsAgain) {
  TrainConfig config = constant(4);
  config.swa = 0.25;  // of the last epoch alone: its weights
  const auto names = different(trained(config, transfer::BatchNormMode::live), trained(constant(4), transfer::BatchNormMode::live));
  EXPECT_EQ(names, (std::vector<std::string>{"stem.bn.running_mean", "stem.bn.running_var", "middle.bn.running_mean", "middle.bn.running_var",
                                             "last.bn.running_mean", "last.bn.running_var"}));
}

TEST(Averages, WiseLiesBetweenTheTrainedAndTheSource) {
  TrainConfig config = constant(3);
  const graph::Graph plain = trained(config);
  config.wise = 0.3;
  expect_made_of(trained(config), plain, network(), 0.3, false);
  config.wise = 0;
  EXPECT_EQ(different(trained(config), network()), (std::vector<std::string>{"head.weight", "head.bias"}));
}

/// A network with gradients of one pass, live statistics.
struct Climb {
  Executor executor{network(), at::kFloat};
  at::Tensor inputs = inputs_of(executor.graph(), pictures(6, 1).fill, 0, std::vector<std::size_t>{0, 1, 2, 3, 4, 5});

  Climb() {
    executor.set_modes(modes_at(plan_of(transfer::Kind::full), 0));
    pass();
  }
  void pass() {
    const at::Tensor logits = executor.forward(inputs, {1, 1}).at(graph::kLogits);
    executor.backward({{graph::kLogits, cross_entropy(logits, at::tensor({0, 1, 2, 0, 1, 2}, at::kLong), 6).gradient}});
  }
  std::vector<at::Tensor> copies() const {
    std::vector<at::Tensor> list;
    for (const at::Tensor& value : executor.values) list.push_back(value.clone());
    return list;
  }
};

TEST(Sharpness, GradientsAreThoseAtADistanceAndAllElseStays) {
  Climb climb, other;
  const auto before = climb.copies();
  double squares = 0;
  for (const at::Tensor& g : other.executor.gradients)
    if (g.defined()) squares += g.to(at::kDouble).square().sum().item<double>();
  for (std::size_t p = 0; p < before.size(); ++p)
    if (other.executor.gradients[p].defined()) other.executor.values[p].add_(other.executor.gradients[p], 0.05 / std::sqrt(squares));
  other.pass();

  with_climbed_weights(climb.executor, 0.05, [&] {
    double moved = 0;
    for (std::size_t p = 0; p < before.size(); ++p) moved += (climb.executor.values[p] - before[p]).to(at::kDouble).square().sum().item<double>();
    EXPECT_NEAR(std::sqrt(moved), 0.05, 1e-5);
    climb.pass();
  });
  for (std::size_t p = 0; p < before.size(); ++p) {
    EXPECT_TRUE(at::equal(climb.executor.values[p], before[p])) << climb.executor.graph().parameters[p].name << ": weights and statistics are back";
    const at::Tensor &ours = climb.executor.gradients[p], &wanted = other.executor.gradients[p];
    ASSERT_EQ(ours.defined(), wanted.defined());
    if (ours.defined()) {
      EXPECT_TRUE(at::allclose(ours, wanted, 1e-4, 1e-7)) << climb.executor.graph().parameters[p].name;
    }
  }
}

TEST(Sharpness, ATrainingWithItLearnsSomethingElse) {
  TrainConfig config = constant(6);
  const graph::Graph plain = trained(config);
  config.sam = 0.05;
  const TrainResult result = train(network(), plan_of(transfer::Kind::full), config, pictures(96, 1), {});
  EXPECT_LT(result.history.back().train_loss, 0.7 * result.history.front().train_loss);
  EXPECT_FALSE(different(trained(config), plain).empty());
}

TEST(Distillation, FollowsTheTeacherInsteadOfTheLabels) {
  Samples samples = pictures(96, 1);
  for (const int label : samples.labels)
    for (int k = 0; k < 3; ++k) samples.teacher.push_back(k == (label + 1) % 3 ? 8.0F : 0.0F);
  TrainConfig config = constant(12);
  config.distill_weight = 1;
  EXPECT_LT(train(network(), plan_of(transfer::Kind::full), config, samples, {}).history.back().train_accuracy, 0.1);
  config.distill_weight = 0;
  EXPECT_GT(train(network(), plan_of(transfer::Kind::full), config, samples, {}).history.back().train_accuracy, 0.8);
}

}  // namespace
}  // namespace graft::train

#include "graft/train/lr_finder.h"

#include <gtest/gtest.h>

#include <cmath>

#include "train/small.h"

namespace graft::train {
namespace {

using namespace small;

TEST(FindLr, ThreeSweepsWhereTheyAreNotMuchLongerThanTwoEpochs) {
  EXPECT_EQ(lr_effort(40 * 8, config_of()).sweeps, 3);
  EXPECT_EQ(lr_effort(40 * 8 - 1, config_of()).sweeps, 2);
  EXPECT_EQ(lr_effort(1, config_of()).steps, 25);
}

TEST(FindLr, SuggestsARateThatTrains) {
  const Samples samples = pictures(96, 1), val = pictures(30, 99);
  TrainConfig config = config_of();
  const LrCurve curve = find_lr(network(), plan_of(transfer::Kind::full), config, {samples});
  EXPECT_EQ(curve.answer, LrAnswer::clear);
  EXPECT_GT(curve.suggestion, 1e-3);
  EXPECT_LT(curve.suggestion, 2);
  EXPECT_NEAR(curve.guessing, std::log(3), 1e-6);
  EXPECT_NEAR(curve.points.front().lr, 1e-5, 1e-11);
  EXPECT_EQ(curve.points.front().loss, curve.start);  // no step was made yet: each batch is compared with itself
  config.lr = curve.suggestion;
  config.epochs = 8;
  const auto history = train(network(), plan_of(transfer::Kind::full), config, samples, val).history;
  EXPECT_LT(history.back().val_loss, 0.5 * history.front().val_loss);
}

TEST(FindLr, AgreesWithItselfUnderOtherSeedsForEveryOptimiser) {
  const Samples samples = pictures(96, 1);
  for (const OptimiserKind kind : {OptimiserKind::sgd, OptimiserKind::adam, OptimiserKind::adamw, OptimiserKind::rmsprop}) {
    double least = 1e9, most = 0;
    for (uint64_t seed = 0; seed < 5; ++seed) {
      TrainConfig config = config_of(kind);
      config.seed = seed;
      config.threads = 1;
      const double rate = find_lr(network(), plan_of(transfer::Kind::full), config, {samples}).suggestion;
      least = std::min(least, rate), most = std::max(most, rate);
    }
    EXPECT_GT(least, 0) << static_cast<int>(kind) << " " << most;
    EXPECT_LE(most, 3 * least) << static_cast<int>(kind);
  }
}

TEST(FindLr, TellsWhatItHasDone) {
  std::size_t done = 0;
  find_lr(network(), plan_of(transfer::Kind::full), config_of(), {pictures(30, 1)}, {}, [&](std::size_t steps) { done += steps; });
  EXPECT_EQ(done, 50U);  // also where a sweep was ended
}

TEST(FindLr, ChangesNothingAndAnswersTheSameTwice) {
  const graph::Graph graph = network();
  const Samples samples = pictures(30, 1);
  const LrCurve first = find_lr(graph, plan_of(transfer::Kind::full), config_of(), {samples});
  EXPECT_EQ(different(graph, network()), std::vector<std::string>{});
  train(graph, plan_of(transfer::Kind::full), config_of(), samples, {});
  EXPECT_EQ(first, find_lr(graph, plan_of(transfer::Kind::full), config_of(), {samples}));
}

TEST(FindLr, StepsAsTrainingDoes) {
  const Samples samples = pictures(30, 1);
  const auto curve = [&](auto change) {
    TrainConfig config = config_of();
    change(config);
    return find_lr(network(), plan_of(transfer::Kind::full), config, {samples});
  };
  const LrCurve plain = curve([](TrainConfig&) {});
  EXPECT_NE(curve([](TrainConfig& c) { c.delta = 10; }), plain);
  EXPECT_NE(curve([](TrainConfig& c) { c.bss = 1; }), plain);
  EXPECT_NE(curve([](TrainConfig& c) { c.l2_sp = 10; }), plain);
  EXPECT_NE(curve([](TrainConfig& c) { c.sam = 0.5; }), plain);
}

TEST(FindLr, EndsWhenTheLossGrows) {
  Samples samples = pictures(24, 1);
  samples.fill = [fill = samples.fill](uint64_t epoch, std::span<const std::size_t> which, std::span<float> out) {
    fill(epoch, which, out);
    for (float& x : out) x *= 30;
  };
  const auto plan = transfer::plan(network(), {.kind = transfer::Kind::full, .batch_norm = transfer::BatchNormMode::fixed});
  const LrCurve curve = find_lr(network(), plan, config_of(), {samples});
  EXPECT_GT(curve.diverges, 0);
  EXPECT_LT(curve.points.size(), 25U);
  for (const LrPoint& p : curve.points) EXPECT_TRUE(std::isfinite(p.loss));
}

TEST(FindLr, ChecksAsTrainingDoes) {
  TrainConfig config = config_of();
  config.batch = 64;
  config.patience = 3;
  EXPECT_EQ(message_of([&] { find_lr(network(), plan_of(transfer::Kind::full), config, {pictures(40, 1)}); }),
            "--batch 64: the training set has 40 photos; choose at most 40");
  int left = 3;
  EXPECT_THROW(find_lr(network(), plan_of(transfer::Kind::head), config_of(), {pictures(40, 1)}, [&] { return --left == 0; }), Interrupted);
}

}  // namespace
}  // namespace graft::train

#include "graft/train/lr_finder.h"

#include <gtest/gtest.h>

#include <cmath>

#include "train/small.h"

namespace graft::train {
namespace {

using namespace small;

TEST(Steepest, IsWhereTheCurveFallsMost) {
  std::vector<LrPoint> points;
  for (int i = 0; i < 100; ++i) {
    const double x = -6 + 7.0 * i / 99;  // log10 of the rate
    const double loss = 1 - 0.8 / (1 + std::exp(-5 * (x + 2))) + (x > -0.5 ? 4 * (x + 0.5) : 0);
    points.push_back({std::pow(10, x), loss, loss});
  }
  EXPECT_NEAR(std::log10(steepest(points)), -2, 0.15);
}

TEST(Steepest, IsNoneWhereNothingFalls) {
  EXPECT_EQ(steepest({}), 0);
  std::vector<LrPoint> rising;
  for (int i = 0; i < 30; ++i) rising.push_back({1e-3 * i, 1.0 * i, 1.0 * i});
  EXPECT_EQ(steepest(rising), 0);
}

TEST(Steepest, IsNoneWhereTheLossOnlySways) {
  std::vector<LrPoint> points;
  Rng rng(1, 2);
  double average = 0;
  for (int i = 0; i < 100; ++i) {
    const double loss = 0.05 + 0.03 * rng.uniform();
    average = i == 0 ? loss : 0.9 * average + 0.1 * loss;
    points.push_back({1e-6 * std::pow(10, i / 14.0), loss, average});
  }
  EXPECT_EQ(steepest(points), 0);
}

TEST(FindLr, SuggestsARateThatTrains) {
  const Samples samples = pictures(96, 1), val = pictures(30, 99);
  TrainConfig config = config_of();
  const LrCurve curve = find_lr(network(), plan_of(transfer::Kind::full), config, samples);
  EXPECT_GT(curve.suggestion, 1e-3);
  EXPECT_LT(curve.suggestion, 2);
  EXPECT_NEAR(curve.points.front().lr, 1e-6, 1e-12);
  config.lr = curve.suggestion;
  config.epochs = 8;
  const auto history = train(network(), plan_of(transfer::Kind::full), config, samples, val).history;
  EXPECT_LT(history.back().val_loss, 0.5 * history.front().val_loss);
}

TEST(FindLr, ChangesNothingAndAnswersTheSameTwice) {
  const graph::Graph graph = network();
  const Samples samples = pictures(30, 1);
  const LrCurve first = find_lr(graph, plan_of(transfer::Kind::full), config_of(), samples, 40);
  EXPECT_EQ(different(graph, network()), std::vector<std::string>{});
  train(graph, plan_of(transfer::Kind::full), config_of(), samples, {});
  EXPECT_EQ(first, find_lr(graph, plan_of(transfer::Kind::full), config_of(), samples, 40));
}

TEST(FindLr, StepsAsTrainingDoes) {
  const Samples samples = pictures(30, 1);
  const auto curve = [&](auto change) {
    TrainConfig config = config_of();
    change(config);
    return find_lr(network(), plan_of(transfer::Kind::full), config, samples, 40);
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
  const LrCurve curve = find_lr(network(), plan, config_of(), samples);
  EXPECT_TRUE(curve.diverged);
  EXPECT_LT(curve.points.size(), 100U);
  for (const LrPoint& p : curve.points) EXPECT_TRUE(std::isfinite(p.loss));
}

TEST(FindLr, ChecksAsTrainingDoes) {
  TrainConfig config = config_of();
  config.batch = 64;
  config.patience = 3;
  EXPECT_EQ(message_of([&] { find_lr(network(), plan_of(transfer::Kind::full), config, pictures(40, 1)); }),
            "--batch 64: the training set has 40 images; choose at most 40");
  int left = 3;
  EXPECT_THROW(find_lr(network(), plan_of(transfer::Kind::head), config_of(), pictures(40, 1), 50, [&] { return --left == 0; }), Interrupted);
}

}  // namespace
}  // namespace graft::train

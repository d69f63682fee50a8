#include "graft/train/loop/mix.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "graft/train/checks.h"
#include "train/objective.h"
#include "train/small.h"

namespace graft::train {
namespace {

/// Each value tells sample, row, column and channel.
Batch numbered(int64_t samples, int64_t height, int64_t width) {
  return {at::arange(samples * height * width * 2, at::kFloat).view({samples, height, width, 2}), at::eye(samples, at::kFloat)};
}

TrainConfig with(double mixup, double cutmix) {
  TrainConfig config;
  config.mixup = mixup;
  config.cutmix = cutmix;
  return config;
}

TEST(Mix, MixUpAddsTheSampleBefore) {
  Batch batch = numbered(3, 2, 2);
  const Batch plain = numbered(3, 2, 2);
  mix(batch, {.kind = MixKind::mixup, .own = 0.75});
  for (int64_t i = 0; i < 3; ++i) {
    const int64_t before = (i + 2) % 3;
    EXPECT_TRUE(at::allclose(batch.inputs[i], plain.inputs[i] * 0.75 + plain.inputs[before] * 0.25));
    EXPECT_TRUE(at::allclose(batch.targets[i], plain.targets[i] * 0.75 + plain.targets[before] * 0.25));
  }
}

TEST(Mix, CutMixPutsInTheBoxOfTheSampleBefore) {
  Batch batch = numbered(2, 8, 6);
  const Batch plain = numbered(2, 8, 6);
  // half = sqrt(1 - 0.64) / 2 = 0.3: 2 rows and 1 column either way of row 4 and column 5, of which the last is outside
  mix(batch, {.kind = MixKind::cutmix, .own = 0.64, .x = 0.9, .y = 0.5});
  for (int64_t row = 0; row < 8; ++row)
    for (int64_t column = 0; column < 6; ++column) {
      const bool other = row >= 2 && row < 6 && column >= 4;
      EXPECT_TRUE(at::equal(batch.inputs[0][row][column], plain.inputs[other ? 1 : 0][row][column])) << row << ", " << column;
    }
  const float own = 1 - 8.0F / 48;
  EXPECT_TRUE(at::allclose(batch.targets, at::tensor({own, 1 - own, 1 - own, own}, at::kFloat).view({2, 2})));
}

TEST(Mix, EveryValueComesFromOneOfTheTwoAndLabelsFromTheArea) {
  EXPECT_TRUE(rc::check([] {
    Rng rng(*rc::gen::arbitrary<uint64_t>());
    const auto height = static_cast<int64_t>(1 + rng.below(9)), width = static_cast<int64_t>(1 + rng.below(9));
    const Mix how{.kind = MixKind::cutmix, .own = rng.uniform(), .x = rng.uniform(), .y = rng.uniform()};
    Batch batch = numbered(4, height, width);
    const Batch plain = numbered(4, height, width);
    mix(batch, how);
    const at::Tensor own = batch.inputs.eq(plain.inputs), other = batch.inputs.eq(plain.inputs.roll(1, 0));
    RC_ASSERT(own.logical_or(other).all().item<bool>());
    const double part = own.to(at::kDouble).mean().item<double>();
    RC_ASSERT(std::abs(batch.targets[0][0].item<double>() - part) < 1e-6);
    RC_ASSERT(std::abs(batch.targets[0][3].item<double>() - (1 - part)) < 1e-6);
  }));
}

TEST(Mix, TheLabelOfTheLargerShareCounts) {
  Batch batch = numbered(2, 2, 2);
  mix(batch, {.kind = MixKind::mixup, .own = 0.3});
  const Objective objective({}, std::vector<int>{0, 1}, 2);
  EXPECT_EQ(objective(at::eye(2, at::kFloat), batch, 2).right, 0);
  EXPECT_EQ(objective(at::eye(2, at::kFloat).flip({0}), batch, 2).right, 2);
}

TEST(DrawMix, BySeedAndStepAndHalfOfEach) {
  EXPECT_EQ(draw_mix(with(0, 0), 3).kind, MixKind::none);
  int cuts = 0;
  for (uint64_t step = 0; step < 1000; ++step) {
    const Mix how = draw_mix(with(0.2, 1), step), again = draw_mix(with(0.2, 1), step);
    EXPECT_TRUE(how.kind == again.kind && how.own == again.own && how.x == again.x && how.y == again.y);
    cuts += how.kind == MixKind::cutmix ? 1 : 0;
    EXPECT_EQ(draw_mix(with(0.2, 0), step).kind, MixKind::mixup);
    EXPECT_EQ(draw_mix(with(0, 0.2), step).kind, MixKind::cutmix);
  }
  EXPECT_NEAR(cuts, 500, 60);
  EXPECT_NE(draw_mix(with(0.2, 0), 1).own, draw_mix(with(0.2, 0), 2).own);
}

/// The largest distance between the drawn and the true distribution: below 1.95 / sqrt(n) in 999 of 1000 seeds (Kolmogorov & Smirnov).
double distance(double alpha, double (*below)(double)) {
  constexpr std::size_t kDraws = 4000;
  std::vector<double> draws;
  for (uint64_t i = 0; i < kDraws; ++i) {
    Rng rng(7, i);
    draws.push_back(beta(rng, alpha));
  }
  std::ranges::sort(draws);
  double most = 0;
  for (std::size_t i = 0; i < kDraws; ++i) most = std::max(most, std::abs(below(draws[i]) - static_cast<double>(i) / kDraws));
  return most * std::sqrt(static_cast<double>(kDraws));
}

TEST(Beta, HasItsDistribution) {
  EXPECT_LT(distance(1, [](double x) { return x; }), 1.95);
  EXPECT_LT(distance(0.5, [](double x) { return 2 / std::numbers::pi * std::asin(std::sqrt(x)); }), 1.95);
  EXPECT_LT(distance(2, [](double x) { return x * x * (3 - 2 * x); }), 1.95);
}

TEST(Beta, OfSmallAndLargeAlphaIsANumberWithItsVariance) {
  for (const double alpha : {0.001, 0.2, 0.4, 30.0, 100.0}) {
    double sum = 0, squares = 0;
    constexpr int kDraws = 4000;
    Rng rng(5);
    for (int i = 0; i < kDraws; ++i) {
      const double x = beta(rng, alpha);
      ASSERT_TRUE(x >= 0 && x <= 1) << alpha;
      sum += x - 0.5;
      squares += (x - 0.5) * (x - 0.5);
    }
    const double variance = 1 / (4 * (2 * alpha + 1));
    EXPECT_NEAR(sum / kDraws, 0, 4 * std::sqrt(variance / kDraws)) << alpha;
    EXPECT_NEAR(squares / kDraws / variance, 1, 0.1) << alpha;
  }
}

TEST(CheckMix, NeedsAPicture) {
  const auto text = [](const graph::Dims& sample) { return small::message_of([&] { check_mix(sample, with(0.2, 1)); }); };
  const std::string hint = " of a photo, not a picture to cut from; choose --mixup, or --views 0 to cut from the photos themselves";
  EXPECT_EQ(text({8, 7, 7}), "no error");
  EXPECT_EQ(text({8, 1, 1}), "--cutmix 1: what is trained sees 8 numbers" + hint);
  EXPECT_EQ(text({1280}), "--cutmix 1: what is trained sees 1280 numbers" + hint);
  EXPECT_EQ(text({197, 768}), "--cutmix 1: what is trained sees 197 tokens" + hint);
  EXPECT_EQ(small::message_of([&] { check_mix({1280}, with(0.2, 0)); }), "no error");
}

}  // namespace
}  // namespace graft::train

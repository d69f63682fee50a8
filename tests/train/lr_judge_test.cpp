// What follows from the sweeps of the learning rate finder, on made ones.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>

#include "graft/base/rng.h"
#include "graft/train/lr_finder.h"

namespace graft::train {
namespace {

/// Four rates a decade from 1e-5. Up to `turn` the loss falls in proportion to the rate, by 1 % of it at 1e-4; beyond it grows. Sweeps differ by `noise`.
LrSweeps falling(double turn, double noise, uint64_t seed, std::size_t sweeps = 3) {
  LrSweeps seen{.start = 0.7, .guessing = 0.7};
  for (int i = 0; i < 25; ++i) seen.rates.push_back(1e-5 * std::pow(10, i / 4.0));
  for (std::size_t k = 0; k < sweeps; ++k) {
    Rng rng(seed, k);
    seen.changes.emplace_back();
    for (const double lr : seen.rates) {
      const double fall = std::min(70 * lr, 70 * turn), rise = std::max(lr / turn - 3, 0.0);
      const double change = 0.7 * (rise - fall) * (1 + noise * (rng.uniform() - 0.5));
      if (change > 4 * seen.guessing) break;
      seen.changes.back().push_back(change);
    }
  }
  return seen;
}

TEST(JudgeSweeps, SuggestsWhereATenthOfTheLossIsGone) {
  const LrCurve curve = judge_sweeps(falling(1e-2, 0, 0));
  EXPECT_EQ(curve.answer, LrAnswer::clear);
  EXPECT_NEAR(curve.suggestion, 0.1 / 70, 1e-4);  // between two rates the curve is taken to be straight over their logarithm
  EXPECT_NEAR(curve.fall, 0.1, 1e-12);
  EXPECT_NEAR(curve.diverges, 1e-5 * std::pow(10, 16 / 4.0), 1e-6);  // 1e-1: 7 times the loss at the beginning
}

TEST(JudgeSweeps, SuggestsTheMiddleOfAFallThatIsLess) {
  const LrCurve curve = judge_sweeps(falling(1e-3, 0, 0));  // by 7 % at most
  EXPECT_EQ(curve.answer, LrAnswer::clear);
  EXPECT_NEAR(curve.suggestion, 0.5e-3, 5e-5);
  EXPECT_NEAR(curve.fall, 0.035, 1e-12);
}

TEST(JudgeSweeps, HasNoAnswerWhereLittleIsLeft) {
  LrSweeps seen = falling(1e-2, 0, 0);
  seen.guessing = 7.1;
  const LrCurve curve = judge_sweeps(seen);
  EXPECT_EQ(curve.answer, LrAnswer::learnt);
  EXPECT_EQ(curve.suggestion, 0);
  EXPECT_GT(curve.diverges, 0);
}

TEST(JudgeSweeps, HasNoAnswerWhereTheLossOnlySwaysOrRises) {
  int answers = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    LrSweeps seen{.start = 0.7, .guessing = 0.7};
    Rng rng(seed, 7);
    seen.changes.resize(3);
    for (int i = 0; i < 25; ++i) seen.rates.push_back(1e-5 * std::pow(10, i / 4.0));
    for (auto& sweep : seen.changes)
      for (std::size_t i = 0; i < seen.rates.size(); ++i) sweep.push_back((rng.uniform() - 0.5) * static_cast<double>(i));
    answers += judge_sweeps(seen).answer != LrAnswer::no_fall;
  }
  EXPECT_LE(answers, 4);
  LrSweeps rising{.rates = {1, 2, 3}, .changes = {{0, 1, 2}, {0, 1, 2}}, .start = 1};
  EXPECT_EQ(judge_sweeps(rising).answer, LrAnswer::no_fall);
  EXPECT_EQ(judge_sweeps({.start = 1}).answer, LrAnswer::no_fall);
}

TEST(JudgeSweeps, OneSweepIsNoEvidence) { EXPECT_EQ(judge_sweeps(falling(1e-2, 0.5, 0, 1)).answer, LrAnswer::no_fall); }

TEST(JudgeSweeps, DivergesWhereTheMiddleOneDoes) {
  LrSweeps seen = falling(1e-2, 0, 0);
  seen.changes[0].resize(10);
  EXPECT_EQ(judge_sweeps(seen).diverges, seen.rates[seen.changes[1].size()]);
  seen.changes[1].resize(11);
  const LrCurve curve = judge_sweeps(seen);
  EXPECT_EQ(curve.diverges, seen.rates[11]);
  EXPECT_EQ(curve.points.size(), seen.changes[2].size());
  EXPECT_GT(curve.points.back().smoothed, curve.start);  // the mean is of one sweep there; the median knows that the others are gone
}

TEST(JudgeSweeps, NoiseMovesTheSuggestionByLessThanTwice) {
  rc::check([] {
    const auto seed = *rc::gen::arbitrary<uint64_t>();
    const LrCurve curve = judge_sweeps(falling(1e-2, 0.8, seed));
    RC_ASSERT(curve.answer == LrAnswer::clear);
    RC_ASSERT(curve.suggestion > 0.1 / 70 / 2 && curve.suggestion < 0.1 / 70 * 2);
  });
}

TEST(JudgeSweeps, UnitsOfLossAndRateAndTheOrderOfSweepsDoNotMatter) {
  rc::check([] {
    const LrSweeps seen = falling(std::pow(10, -*rc::gen::inRange(1, 5)), 0.8, *rc::gen::arbitrary<uint64_t>());
    const LrCurve curve = judge_sweeps(seen);
    LrSweeps other = seen;
    std::ranges::reverse(other.changes);
    constexpr double kRate = 8, kLoss = 0.25;  // powers of two round nothing
    for (double& rate : other.rates) rate *= kRate;
    for (auto& sweep : other.changes)
      for (double& change : sweep) change *= kLoss;
    other.start *= kLoss, other.guessing *= kLoss;
    const LrCurve scaled = judge_sweeps(other);
    RC_ASSERT(scaled.answer == curve.answer);
    RC_ASSERT(std::abs(scaled.suggestion - kRate * curve.suggestion) <= 1e-9 * scaled.suggestion);
    RC_ASSERT(std::abs(scaled.diverges - kRate * curve.diverges) <= 1e-9 * scaled.diverges);
  });
}

TEST(JudgeSweeps, ASuggestionLiesAmongTheRatesAndBelowDivergence) {
  rc::check([] {
    LrSweeps seen{.start = 1, .guessing = 1};
    for (int i = 0; i < 25; ++i) seen.rates.push_back(1e-6 * std::pow(10, i / 4.0));
    seen.changes = *rc::gen::container<std::vector<std::vector<double>>>(
        rc::gen::map(rc::gen::container<std::vector<int>>(rc::gen::inRange(-100, 400)), [](const std::vector<int>& percent) {
          std::vector<double> sweep;
          for (std::size_t i = 0; i < std::min<std::size_t>(percent.size(), 25); ++i) sweep.push_back(percent[i] / 100.0);
          return sweep;
        }));
    const LrCurve curve = judge_sweeps(seen);
    RC_ASSERT((curve.answer == LrAnswer::clear) == (curve.suggestion > 0));
    if (curve.suggestion == 0) return;
    RC_ASSERT(curve.suggestion >= seen.rates.front() && curve.suggestion <= seen.rates.back());
    RC_ASSERT(curve.diverges == 0 || curve.suggestion <= curve.diverges);
    RC_ASSERT(curve.fall > 0 && curve.fall <= 0.1 + 1e-12);
  });
}

}  // namespace
}  // namespace graft::train

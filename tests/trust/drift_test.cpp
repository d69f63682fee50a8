#include "graft/trust/drift.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "graft/base/rng.h"

namespace graft::trust {
namespace {

constexpr std::size_t kWidth = 16;

std::vector<float> photos(std::size_t n, uint64_t seed, float shift) {
  std::vector<float> rows;
  for (std::size_t i = 0; i < n; ++i) {
    Rng rng(seed, i);
    std::vector<float> row;
    float length = 0;
    for (std::size_t k = 0; k < kWidth; ++k) {
      row.push_back(static_cast<float>(rng.uniform() - 0.5) + (k == 0 ? shift : 0));
      length += row.back() * row.back();
    }
    for (const float value : row) rows.push_back(value / std::sqrt(length));
  }
  return rows;
}

TEST(TwoSample, FindsAShiftAndNoneWhereThereIsNone) {
  ThreadPool pool(2);
  const TwoSample shifted = two_sample_test(photos(80, 1, 0), photos(60, 2, 0.5F), kWidth, 0, pool);
  EXPECT_EQ(shifted.each, 60U);
  EXPECT_LE(shifted.p, 0.001);
  EXPECT_GT(shifted.accuracy, 0.7);
}

TEST(TwoSample, GivesSmallPValuesAsRarelyAsTheySay) {
  ThreadPool pool(2);
  int small = 0;
  for (uint64_t trial = 0; trial < 40; ++trial)
    if (two_sample_test(photos(20, 100 + trial, 0), photos(20, 500 + trial, 0), kWidth, trial, pool).p <= 0.1) ++small;
  EXPECT_LE(small, 10);  // of 40 expected 4; more than 10 have a chance of 0.002
}

TEST(TwoSample, CountsASceneThatWasTakenTwiceOnce) {
  ThreadPool pool(1);
  std::vector<float> now = photos(30, 1, 0), twice = now;
  twice.insert(twice.end(), now.begin(), now.end());
  const TwoSample test = two_sample_test(photos(60, 2, 0), twice, kWidth, 0, pool);
  EXPECT_EQ(test.near_copies, 30U);
  EXPECT_EQ(test.each, 30U);
}

TEST(TwoSample, TellsNothingByPhotosThatAreOnBothSides) {
  ThreadPool pool(1);
  const std::vector<float> now = photos(30, 1, 0);
  std::vector<float> before = photos(40, 2, 0);
  before.insert(before.end(), now.begin(), now.end());
  const TwoSample test = two_sample_test(before, now, kWidth, 0, pool);
  EXPECT_EQ(test.near_copies, 30U);
  EXPECT_EQ(test.each, 30U);
}

TEST(TwoSample, IsNotTriedOnTooFew) {
  ThreadPool pool(1);
  const TwoSample test = two_sample_test(photos(9, 1, 0), photos(60, 2, 0.5F), kWidth, 0, pool);
  EXPECT_EQ(test.each, 9U);
  EXPECT_EQ(test.p, 1);
}

TEST(TwoSample, IsTheSameForAnyNumberOfThreads) {
  ThreadPool one(1), two(2);
  const auto a = two_sample_test(photos(40, 1, 0), photos(40, 2, 0.1F), kWidth, 3, one);
  const auto b = two_sample_test(photos(40, 1, 0), photos(40, 2, 0.1F), kWidth, 3, two);
  EXPECT_EQ(a.p, b.p);
  EXPECT_EQ(a.accuracy, b.accuracy);
}

TEST(Estimate, CountsConfidencesAboveTheThresholdOfTheOldOnes) {
  const std::vector<float> before{0.9F, 0.8F, 0.7F, 0.6F}, now{0.95F, 0.75F, 0.65F, 0.5F, 0.5F};
  const std::vector<char> right{1, 1, 1, 0};
  const EstimatedAccuracy found = estimate_accuracy(before, right, now, 0);
  EXPECT_FLOAT_EQ(static_cast<float>(found.threshold), 0.7F);
  EXPECT_DOUBLE_EQ(found.accuracy, 0.4);
  EXPECT_DOUBLE_EQ(found.before, 0.75);
  EXPECT_LE(found.interval.low, 0.4);
  EXPECT_GE(found.interval.high, 0.4);
  EXPECT_EQ(estimate_accuracy(before, std::vector<char>{0, 0, 0, 0}, now, 0).accuracy, 0);
}

}  // namespace
}  // namespace graft::trust

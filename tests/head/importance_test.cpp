#include "graft/head/importance.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "graft/base/rng.h"

namespace graft::head {
namespace {

struct Table {
  std::size_t width;
  std::vector<float> values = {};
  Features features() const { return {values, values.size() / width, width}; }
};

double normal(Rng& rng) { return std::sqrt(-2 * std::log(1 - rng.uniform())) * std::cos(6.283185307179586 * rng.uniform()); }

/// Rows of standard normal numbers, the first column around `centre`.
Table around(double centre, std::size_t rows, uint64_t seed) {
  Table table{.width = 3};
  Rng rng(seed);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t c = 0; c < 3; ++c) table.values.push_back(static_cast<float>(normal(rng) + (c == 0 ? centre : 0)));
  return table;
}

double mean(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size()); }

/// Of N(0, 1) and N(m, 1) the ratio of densities is exp(m x - m^2 / 2), whatever the other columns are.
TEST(Importance, IsTheRatioOfTheDensities) {
  ThreadPool pool(2);
  const Table source = around(0, 3000, 1), target = around(0.8, 2000, 2);
  const Importance found = importance(source.features(), target.features(), 5, pool);
  ASSERT_EQ(found.weights.size(), 3000U);
  EXPECT_NEAR(mean(found.weights), 1, 1e-12);
  double weighed = 0;
  for (std::size_t i = 0; i < 3000; ++i) {
    const double x = static_cast<double>(source.values[3 * i]);
    EXPECT_NEAR(std::log(found.weights[i]), 0.8 * x - 0.32, 0.35) << x;
    weighed += found.weights[i] * x / 3000;
  }
  EXPECT_NEAR(weighed, 0.8, 0.1) << "the source's mean becomes the target's";
  EXPECT_NEAR(found.accuracy, 0.655, 0.03) << "the normal distribution's at 0.4";
  EXPECT_EQ(found.clipped, 0U);
  EXPECT_NEAR(found.effective_size, effective_size(found.weights), 1e-9);
  EXPECT_NEAR(found.effective_size / 3000, std::exp(-0.64), 0.1);
}

TEST(Importance, OfOneDistributionIsOne) {
  ThreadPool pool(2);
  const Importance found = importance(around(0, 400, 1).features(), around(0, 100, 2).features(), 5, pool);
  double away = 0;
  for (const double w : found.weights) away += std::abs(w - 1) / 400;
  EXPECT_LT(away, 0.3);
  EXPECT_NEAR(found.accuracy, 0.5, 0.1) << "although four in five rows are of the source";
  EXPECT_GT(found.effective_size, 350);
}

TEST(Importance, LargeWeightsAreCutOff) {
  ThreadPool pool(2);
  const Table target = around(6, 60, 2);
  Table source = around(0, 60, 1);
  source.values[0] = 6;  // the one row that resembles the target
  const Importance found = importance(source.features(), target.features(), 5, pool);
  EXPECT_GE(found.clipped, 1U);
  EXPECT_GT(found.accuracy, 0.95);
  EXPECT_LT(found.effective_size, 6) << "almost all rests on one row";
  EXPECT_GT(found.weights[0], 10);
  for (const double w : found.weights) EXPECT_TRUE(std::isfinite(w) && w >= 0);
}

TEST(Importance, DoesNotDependOnThreads) {
  ThreadPool one(1), three(3);
  const Table source = around(0, 50, 1), target = around(1, 40, 2);
  EXPECT_EQ(importance(source.features(), target.features(), 5, one).weights, importance(source.features(), target.features(), 5, three).weights);
  EXPECT_NE(importance(source.features(), target.features(), 5, one).weights, importance(source.features(), target.features(), 6, one).weights);
}

TEST(Importance, WrongSizes) {
  ThreadPool pool(1);
  EXPECT_THROW(importance(around(0, 4, 1).features(), around(0, 9, 1).features(), 5, pool), std::logic_error);
  const Table wide{.width = 4, .values = std::vector<float>(40)};
  EXPECT_THROW(importance(around(0, 9, 1).features(), wide.features(), 5, pool), std::logic_error);
}

TEST(EffectiveSize, OfEqualAndOfSingleWeights) {
  EXPECT_EQ(effective_size(std::vector<double>{2, 2, 2, 2}), 4);
  EXPECT_EQ(effective_size(std::vector<double>{0, 7, 0}), 1);
  EXPECT_NEAR(effective_size(std::vector<double>{1, 3}), 1.6, 1e-12);
}

}  // namespace
}  // namespace graft::head

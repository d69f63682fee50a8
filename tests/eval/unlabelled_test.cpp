#include "graft/eval/unlabelled.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace graft::eval {
namespace {

TEST(InformationMaximisation, IsEntropyOfTheMeanMinusMeanEntropy) {
  const std::vector<float> sure{1, 0, 0, 1}, unsure{0.5F, 0.5F, 0.5F, 0.5F}, one_class{1, 0, 1, 0}, mixed{0.75F, 0.25F, 0.5F, 0.5F};
  EXPECT_NEAR(information_maximisation(sure, 2), std::log(2), 1e-12) << "sure, and both classes: as much as two classes can say";
  EXPECT_NEAR(information_maximisation(unsure, 2), 0, 1e-12);
  EXPECT_NEAR(information_maximisation(one_class, 2), 0, 1e-12);
  const auto entropy = [](double p) { return -p * std::log(p) - (1 - p) * std::log(1 - p); };
  EXPECT_NEAR(information_maximisation(mixed, 2), entropy(0.625) - (entropy(0.75) + entropy(0.5)) / 2, 1e-7);
}

TEST(InformationMaximisation, CountsPhotosAsOftenAsTheyAreDrawn) {
  const std::vector<float> three{0.9F, 0.1F, 0.2F, 0.8F, 0.6F, 0.4F}, drawn{0.9F, 0.1F, 0.9F, 0.1F, 0.6F, 0.4F};
  EXPECT_NEAR(information_maximisation(three, 2, std::vector<double>{2, 0, 1}), information_maximisation(drawn, 2), 1e-12);
  EXPECT_THROW(information_maximisation(three, 2, std::vector<double>{1}), std::logic_error);
  EXPECT_THROW(information_maximisation({}, 2), std::logic_error);
}

TEST(NeighbourhoodEntropies, IsTheArticlesFormula) {
  const std::vector<float> p{1, 0, 0.8F, 0.2F, 0, 1, 0.1F, 0.9F};
  const std::vector<double> found = neighbourhood_entropies(p, 2);
  ASSERT_EQ(found.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    std::vector<double> similar;
    for (std::size_t j = 0; j < 4; ++j) {
      const double dot = static_cast<double>(p[2 * i] * p[2 * j] + p[2 * i + 1] * p[2 * j + 1]);
      const double lengths = std::hypot(p[2 * i], p[2 * i + 1]) * std::hypot(p[2 * j], p[2 * j + 1]);
      if (j != i) similar.push_back(std::exp(dot / lengths / 0.05));
    }
    double expected = 0;
    const double sum = std::accumulate(similar.begin(), similar.end(), 0.0);
    for (const double s : similar) expected -= s / sum * std::log(s / sum);
    EXPECT_NEAR(found[i], expected, 1e-4) << i;
  }
  EXPECT_THROW(neighbourhood_entropies(std::vector<float>{1, 0}, 2), std::logic_error);
}

TEST(WeighedRisk, WeightsOfOneLeaveTheMean) {
  const WeighedRisk found = weighed_risk(std::vector<double>{1, 2, 6}, std::vector<double>{1, 1, 1});
  EXPECT_NEAR(found.risk, 3, 1e-12);
  EXPECT_NEAR(found.error, std::sqrt(7.0 / 3), 1e-12) << "standard error of the mean";
}

/// You et al. 2019, equation 9: eta = -Cov(wl, w) / Var(w); risk = mean(wl) + eta mean(w) - eta.
TEST(WeighedRisk, HasTheControlVariate) {
  const std::vector<double> losses{1, 2, 3, 5}, weights{0.5, 2, 1.5, 1};
  double wl = 0, w = 0, covariance = 0, variance = 0;
  for (std::size_t i = 0; i < 4; ++i) wl += weights[i] * losses[i] / 4, w += weights[i] / 4;
  for (std::size_t i = 0; i < 4; ++i) covariance += (weights[i] * losses[i] - wl) * (weights[i] - w), variance += (weights[i] - w) * (weights[i] - w);
  const double eta = -covariance / variance;
  EXPECT_NEAR(weighed_risk(losses, weights).risk, wl + eta * w - eta, 1e-12);
  EXPECT_NEAR(weighed_risk(std::vector<double>{4, 4}, std::vector<double>{0.1, 0.3}).risk, 4, 1e-12) << "a constant loss, whatever the weights";
  EXPECT_NEAR(weighed_risk(std::vector<double>{4, 4}, std::vector<double>{0.1, 0.3}).error, 0, 1e-12);
  EXPECT_THROW(weighed_risk(losses, std::vector<double>{1, 1}), std::logic_error);
}

/// Of each photo of `counts` classes the probabilities 0.8 for its own class and the rest alike.
std::vector<float> answers(const std::vector<int>& counts, bool exact) {
  const std::size_t classes = counts.size();
  std::vector<float> p;
  for (std::size_t k = 0; k < classes; ++k)
    for (int i = 0; i < counts[k]; ++i)
      for (std::size_t j = 0; j < classes; ++j) {
        const std::size_t said = exact || i % 5 != 0 ? k : (k + 1 + static_cast<std::size_t>(i / 5) % (classes - 1)) % classes;
        p.push_back(j == said ? 0.8F : 0.2F / static_cast<float>(classes - 1));
      }
  return p;
}

TEST(ClassParts, ExpectationMaximisationFindsMissingClasses) {
  const std::vector<double> even(4, 0.25);
  const std::vector<double> found = class_parts(answers({500, 500, 0, 0}, false), even);
  EXPECT_NEAR(std::accumulate(found.begin(), found.end(), 0.0), 1, 1e-9);
  EXPECT_NEAR(found[0], 0.5, 0.03);
  EXPECT_NEAR(found[1], 0.5, 0.03);
  EXPECT_LT(found[2] + found[3], 0.02);
  const std::vector<double> all = class_parts(answers({100, 100, 100, 100}, false), even);
  for (const double part : all) EXPECT_NEAR(part, 0.25, 0.01);
  const std::vector<double> absent = class_parts(answers({10, 10}, true), std::vector<double>{1, 0});
  EXPECT_EQ(absent[1], 0) << "no training photo had it";
}

TEST(ClassParts, BlackBoxShiftEstimationSolvesTheConfusion) {
  // p(predicted | true) = 0.8, 0.2; 0.1, 0.9. Parts 0.25, 0.75 are answered as 0.275, 0.725.
  const std::vector<long> confusion{80, 20, 10, 90}, predicted{275, 725};
  const std::vector<double> found = class_parts(std::span<const long>(confusion), predicted);
  EXPECT_NEAR(found[0], 0.25, 1e-4);
  EXPECT_NEAR(found[1], 0.75, 1e-4);
  const std::vector<double> beyond = class_parts(std::span<const long>(confusion), std::vector<long>{0, 1000});
  EXPECT_NEAR(beyond[0], 0, 1e-9) << "fewer of it than a target without any would be answered with";
  const std::vector<long> unseen{80, 20, 0, 10, 90, 0, 0, 0, 0};
  EXPECT_EQ(class_parts(std::span<const long>(unseen), std::vector<long>{275, 725, 0})[2], 0);
  EXPECT_THROW(class_parts(std::span<const long>(confusion), std::vector<long>{1}), std::logic_error);
}

}  // namespace
}  // namespace graft::eval

// Expected values: scipy.stats (t.cdf, t.ppf, binomtest), the rest by hand.
#include "graft/eval/paired.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

namespace graft::eval {
namespace {

TEST(LossDifference, IsPhotoByPhoto) {
  const LossDifference d = difference_of(std::vector{1.0, 2.0, 6.0}, std::vector{0.5, 1.0, 5.0});
  EXPECT_NEAR(d.mean, 2.5 / 3, 1e-12);
  EXPECT_NEAR(d.error, std::sqrt((std::pow(0.5 - 2.5 / 3, 2) + 2 * std::pow(1 - 2.5 / 3, 2)) / 2 / 3), 1e-12);
}

TEST(Jackknife, OfAMeanIsItsVariance) {
  const std::vector<double> values{1, 2, 4, 7, 11};
  const auto mean_without = [&](const std::vector<bool>& left) {
    double sum = 0, count = 0;
    for (std::size_t i = 0; i < values.size(); ++i)
      if (!left[i]) sum += values[i], count += 1;
    return sum / count;
  };
  EXPECT_NEAR(jackknife_variance(5, mean_without), 16.5 / 5, 1e-12);  // sample variance / images
  std::size_t times = 0, most = 0;
  jackknife_variance(250, [&](const std::vector<bool>& left) {
    most = std::max(most, static_cast<std::size_t>(std::count(left.begin(), left.end(), true)));
    return static_cast<double>(++times);
  });
  EXPECT_EQ(times, 100U);
  EXPECT_EQ(most, 3U);
  EXPECT_THROW(jackknife_variance(1, mean_without), std::logic_error);
}

/// So many images that both, only the first, only the second, and none has right.
Paired of(int both, int first, int second, int none) {
  std::vector<bool> a, b;
  const auto add = [&](int count, bool x, bool y) {
    a.insert(a.end(), static_cast<std::size_t>(count), x), b.insert(b.end(), static_cast<std::size_t>(count), y);
  };
  add(both, true, true), add(first, true, false), add(second, false, true), add(none, false, false);
  return compare(a, b);
}

TEST(Compare, CountsAndTests) {
  const Paired p = of(70, 12, 3, 15);
  EXPECT_EQ(p.count, 100);
  EXPECT_EQ(p.only_first, 12);
  EXPECT_EQ(p.only_second, 3);
  EXPECT_NEAR(p.difference, 0.09, 1e-12);
  EXPECT_NEAR(p.p, 0.03515625, 1e-12);
  EXPECT_NEAR(of(0, 0, 6, 1).p, 0.03125, 1e-12);
  EXPECT_EQ(of(3, 4, 4, 3).p, 1);
  EXPECT_EQ(of(3, 0, 0, 3).p, 1);
}

TEST(Compare, TheBootstrapIntervalIsThatOfTheDifference) {
  const Paired p = of(70, 12, 3, 15);  // standard error sqrt(0.15 - 0.0081) / 10 = 0.0377
  EXPECT_NEAR(p.interval.low, 0.09 - 1.96 * 0.0377, 0.011);
  EXPECT_NEAR(p.interval.high, 0.09 + 1.96 * 0.0377, 0.011);
  EXPECT_EQ(of(70, 12, 3, 15).interval.low, p.interval.low);
  const Paired same = of(5, 0, 0, 5), all = of(0, 8, 0, 0);
  EXPECT_NEAR(same.interval.low, -0.25, 0.09) << "ten photos do not tell more";
  EXPECT_NEAR(same.interval.high, 0.25, 0.09);
  EXPECT_NEAR(all.interval.low, 0.4, 0.21);
  EXPECT_EQ(all.interval.high, 1);
}

TEST(Compare, DifferentQuestionsAreABug) {
  EXPECT_THROW(compare({true}, {true, false}), std::logic_error);
  EXPECT_THROW(compare({}, {}), std::logic_error);
}

TEST(StudentT, IsScipys) {
  const std::array<std::array<double, 3>, 7> golden = {{{1, 1, 0.75},
                                                        {-2.5, 2, 0.06480586011075541},
                                                        {2.5, 3, 0.9561466764959672},
                                                        {1.3, 4, 0.868274201764388},
                                                        {3, 7, 0.9900289369340037},
                                                        {2.2, 10, 0.9737794657753234},
                                                        {1.9, 29, 0.9662911090045031}}};
  for (const auto& [x, degrees, expected] : golden) EXPECT_NEAR(student_t(x, static_cast<int>(degrees)), expected, 1e-12) << x << " " << degrees;
}

TEST(MeanOf, HasStudentsInterval) {
  const std::array values = {0.8, 0.9, 0.85, 0.95};
  const Mean m = mean_of(values);
  EXPECT_EQ(m.count, 4U);
  EXPECT_NEAR(m.mean, 0.875, 1e-12);
  EXPECT_NEAR(m.deviation, 0.06454972243679028, 1e-12);
  EXPECT_NEAR(m.interval.high - m.mean, 3.1824463052837078 * m.deviation / 2, 1e-9);
  EXPECT_NEAR(m.mean - m.interval.low, 3.1824463052837078 * m.deviation / 2, 1e-9);
  EXPECT_NEAR(m.p, 2 * (1 - student_t(0.875 / (m.deviation / 2), 3)), 1e-12);
}

TEST(MeanOf, RunsThatSharePhotosAreLessSure) {
  const std::array values = {0.8, 0.9, 0.85, 0.95};
  const Mean m = mean_of(values, 0.25);
  EXPECT_NEAR(m.interval.high - m.mean, 3.1824463052837078 * m.deviation * std::sqrt(0.5), 1e-9);
  EXPECT_GT(m.p, mean_of(values).p);
}

TEST(MeanOf, FewOrEqualValues) {
  const std::vector<double> one = {0.5}, equal = {0.5, 0.5}, none = {0.0, 0.0};
  EXPECT_EQ(mean_of(one).p, 1);
  EXPECT_TRUE(std::isinf(mean_of(one).interval.low));
  EXPECT_EQ(mean_of(equal).p, 0);
  EXPECT_EQ(mean_of(equal).interval.high, 0.5);
  EXPECT_EQ(mean_of(none).p, 1);
  EXPECT_THROW(mean_of({}), std::logic_error);
}

TEST(MeanOf, TheSameImagesAddTheirOwnError) {
  const std::array values = {0.8, 0.9, 0.85, 0.95};
  const double of_runs = mean_of(values).deviation * mean_of(values).deviation / 4, of_images = 0.0009, all = of_runs + of_images;
  const Mean m = mean_of(values, 0, of_images);
  const int degrees = static_cast<int>(3 * all * all / (of_runs * of_runs));
  EXPECT_EQ(degrees, 10);
  EXPECT_NEAR(m.p, 2 * (1 - student_t(0.875 / std::sqrt(all), degrees)), 1e-12);
  const std::vector<double> one = {0.5};
  EXPECT_NEAR(mean_of(one, 0, 0.01).interval.high, 0.5 + 0.1962, 1e-3);
}

TEST(ImageVariance, IsThatOfTheMeanAndNeverZero) {
  const std::vector<double> values = {1, 0, 1, 1}, same(98, 0.0);
  EXPECT_NEAR(image_variance(values, {0, 1}), (4 * 1.0 / 9 + 2 * 4.0 / 9) / 5 / 6, 1e-12) << "four of six are 1";
  EXPECT_NEAR(std::sqrt(image_variance(same, {-1, 1})), std::sqrt(2.0 / 99 / 100), 1e-12);
}

TEST(Holm, IsStepDown) {
  const std::array p = {0.01, 0.04, 0.03, 0.5};
  const std::vector<double> adjusted = holm(p);
  EXPECT_NEAR(adjusted[0], 0.04, 1e-12);
  EXPECT_NEAR(adjusted[1], 0.09, 1e-12);  // not 0.08: never below the one before it
  EXPECT_NEAR(adjusted[2], 0.09, 1e-12);
  EXPECT_NEAR(adjusted[3], 0.5, 1e-12);
}

}  // namespace
}  // namespace graft::eval

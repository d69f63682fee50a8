#include "graft/head/principal.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "graft/base/error.h"
#include "graft/base/rng.h"

namespace graft::head {
namespace {

/// Rows that spread by 5 along (3, 4, 0)/5, by 1 along (-4, 3, 0)/5 and hardly along the third; about (10, 20, 30).
std::vector<float> spread_rows(std::size_t rows) {
  Rng rng(3);
  std::vector<float> values;
  for (std::size_t i = 0; i < rows; ++i) {
    const double a = 5 * (rng.uniform() - 0.5), b = rng.uniform() - 0.5, c = 0.01 * (rng.uniform() - 0.5);
    values.insert(values.end(), {static_cast<float>(10 + 0.6 * a - 0.8 * b), static_cast<float>(20 + 0.8 * a + 0.6 * b), static_cast<float>(30 + c)});
  }
  return values;
}

TEST(PrincipalComponents, AreTheDirectionsInWhichRowsDiffer) {
  const std::vector<float> values = spread_rows(400);
  const Principal found = principal_components({values, 400, 3}, 2);
  ASSERT_EQ(found.directions.size(), 2U);
  EXPECT_NEAR(found.directions[0][0], 0.6, 0.05);
  EXPECT_NEAR(found.directions[0][1], 0.8, 0.05) << "the largest number is positive";
  EXPECT_NEAR(found.directions[1][0], 0.8, 0.05);
  EXPECT_NEAR(found.directions[1][1], -0.6, 0.05);
  EXPECT_NEAR(found.explained[0], 25.0 / 26, 0.01);
  EXPECT_NEAR(found.explained[0] + found.explained[1], 1, 1e-4);
  double sum = 0, squares = 0;
  const std::vector<double> places = along(found, {values, 400, 3});
  ASSERT_EQ(places.size(), 800U);
  for (std::size_t i = 0; i < 400; ++i) sum += places[2 * i], squares += places[2 * i] * places[2 * i];
  EXPECT_NEAR(sum, 0, 1e-2) << "about the mean";
  EXPECT_NEAR(squares / 400, 25.0 / 12, 0.2);
}

TEST(PrincipalComponents, OfRowsThatDoNotDifferExplainNothing) {
  const std::vector<float> values(40, 7.0F);
  const Principal found = principal_components({values, 10, 4}, 2);
  EXPECT_EQ(found.explained, (std::vector<double>{0, 0}));
  for (const double place : along(found, {values, 10, 4})) EXPECT_EQ(place, 0);
}

TEST(PrincipalComponents, RefuseWhatHasNone) {
  std::vector<float> values(6, 1.0F);
  EXPECT_THROW(principal_components({values, 3, 2}, 3), std::logic_error);
  EXPECT_THROW(principal_components({values, 3, 2}, 0), std::logic_error);
  EXPECT_THROW(principal_components({{}, 0, 2}, 1), std::logic_error);
  values[3] = NAN;
  EXPECT_THROW(principal_components({values, 3, 2}, 1), Error);
}

}  // namespace
}  // namespace graft::head

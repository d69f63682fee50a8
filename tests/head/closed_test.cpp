// The closed-form rules against the formulas as papers write them: in the space of the features, with a plain solver, and solved again without each row.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "graft/head/closed/rules.h"
#include "graft/head/closed/transport.h"
#include "made_data.h"

namespace graft::head {
namespace {

using Vector = std::vector<double>;
using Matrix = std::vector<Vector>;

constexpr double kNear = 1e-6;

FewRows made(const std::vector<int>& labels, std::size_t width, std::size_t classes) {
  std::vector<float> values;
  for (std::size_t i = 0; i < labels.size(); ++i)
    for (std::size_t c = 0; c < width; ++c)
      values.push_back(static_cast<float>(made_value("row", i * width + c) + made_value("mean", static_cast<uint64_t>(labels[i]) * width + c) + 0.5));
  make_unit(values, width, {});
  return few_rows(std::move(values), width, labels, classes);
}

Vector row_of(const FewRows& rows, std::size_t i) {
  Vector row;
  for (std::size_t c = 0; c < rows.width; ++c) row.push_back(static_cast<double>(rows.values[i * rows.width + c]));
  return row;
}

double dot(const Vector& a, const Vector& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// Gauss with the largest pivot.
Vector solved_plainly(Matrix a, Vector b) {
  const std::size_t n = b.size();
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k; i < n; ++i)
      if (std::abs(a[i][k]) > std::abs(a[pivot][k])) pivot = i;
    std::swap(a[k], a[pivot]);
    std::swap(b[k], b[pivot]);
    for (std::size_t i = k + 1; i < n; ++i) {
      const double factor = a[i][k] / a[k][k];
      for (std::size_t j = k; j < n; ++j) a[i][j] -= factor * a[k][j];
      b[i] -= factor * b[k];
    }
  }
  for (std::size_t k = n; k-- > 0;) {
    for (std::size_t j = k + 1; j < n; ++j) b[k] -= a[k][j] * b[j];
    b[k] /= a[k][k];
  }
  return b;
}

/// Means of the classes without row `out` (rows.rows(): with all).
Matrix means(const FewRows& rows, std::size_t out) {
  Matrix sums(rows.classes, Vector(rows.width));
  Vector counts(rows.classes);
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    if (i == out) continue;
    const Vector row = row_of(rows, i);
    for (std::size_t c = 0; c < rows.width; ++c) sums[rows.label(i)][c] += row[c];
    counts[rows.label(i)] += 1;
  }
  for (std::size_t k = 0; k < rows.classes; ++k)
    for (double& value : sums[k]) value /= counts[k];
  return sums;
}

Matrix covariance(const FewRows& rows, std::size_t out) {
  const Matrix mean = means(rows, out);
  Matrix c(rows.width, Vector(rows.width));
  double n = 0;
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    if (i == out) continue;
    n += 1;
    const Vector row = row_of(rows, i);
    for (std::size_t a = 0; a < rows.width; ++a)
      for (std::size_t b = 0; b < rows.width; ++b) c[a][b] += (row[a] - mean[rows.label(i)][a]) * (row[b] - mean[rows.label(i)][b]);
  }
  for (Vector& row : c)
    for (double& value : row) value /= n;
  return c;
}

/// m S^-1 z - m S^-1 m / 2 of every class.
Vector discriminants(const Matrix& s, const Matrix& mean, const Vector& z) {
  Vector logits;
  for (const Vector& m : mean) {
    const Vector weight = solved_plainly(s, m);
    logits.push_back(dot(weight, z) - dot(weight, m) / 2);
  }
  return logits;
}

Matrix shrunk(Matrix c, double part, double variance) {
  for (std::size_t a = 0; a < c.size(); ++a)
    for (std::size_t b = 0; b < c.size(); ++b) c[a][b] = (1 - part) * c[a][b] + (a == b ? part * variance : 0);
  return c;
}

Vector answers(const LinearHead& head, const FewRows& rows) {
  std::vector<float> out(rows.rows() * rows.classes);
  logits(head, rows.features(), out);
  return {out.begin(), out.end()};
}

const std::vector<int> kLabels{0, 0, 0, 1, 1, 2, 2, 2, 2, 1, 0, 2};

TEST(Closed, PrototypesAreTheNearestMeans) {
  const FewRows rows = made(kLabels, 7, 3);
  const Solved solved = solve_prototypes(rows);
  const Vector said = answers(solved.head, rows);
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const Vector z = row_of(rows, i);
    const Matrix all = means(rows, rows.rows()), others = means(rows, i);
    for (std::size_t k = 0; k < 3; ++k) {
      EXPECT_NEAR(said[i * 3 + k], dot(all[k], z) - dot(all[k], all[k]) / 2, kNear);
      EXPECT_NEAR(solved.left_out[i * 3 + k], dot(others[k], z) - dot(others[k], others[k]) / 2, kNear);
    }
  }
}

TEST(Closed, LdaIsTheShrunkCovarianceOfTheRowsAboutTheirMeans) {
  for (const std::size_t width : {std::size_t{5}, std::size_t{30}}) {  // fewer features than rows, and more
    const FewRows rows = made(kLabels, width, 3);
    const Solved solved = solve_lda(rows);
    const Matrix c = covariance(rows, rows.rows());
    const auto n = static_cast<double>(rows.rows()), p = static_cast<double>(width);
    double trace = 0, square = 0, noise = 0;  // Ledoit and Wolf (2004), equations 3 to 14
    for (std::size_t a = 0; a < width; ++a) trace += c[a][a] / p;
    for (std::size_t a = 0; a < width; ++a)
      for (std::size_t b = 0; b < width; ++b) square += std::pow(c[a][b] - (a == b ? trace : 0), 2) / p;
    const Matrix mean = means(rows, rows.rows());
    for (std::size_t i = 0; i < rows.rows(); ++i) {
      const Vector z = row_of(rows, i);
      for (std::size_t a = 0; a < width; ++a)
        for (std::size_t b = 0; b < width; ++b)
          noise += std::pow((z[a] - mean[rows.label(i)][a]) * (z[b] - mean[rows.label(i)][b]) - c[a][b], 2) / p / n / n;
    }
    const double part = std::min(1.0, noise / square);
    EXPECT_NEAR(solved.strength, part, kNear);
    ASSERT_LT(part, 1);
    const Vector said = answers(solved.head, rows);
    for (std::size_t i = 0; i < rows.rows(); ++i) {
      const Vector z = row_of(rows, i);
      const Vector all = discriminants(shrunk(c, part, trace), mean, z);
      const double largest = std::abs(std::ranges::max(all, {}, [](double x) { return std::abs(x); }));
      const Vector without = discriminants(shrunk(covariance(rows, i), part, trace), means(rows, i), z);
      for (std::size_t k = 0; k < 3; ++k) {
        EXPECT_NEAR(said[i * 3 + k], all[k], kNear * largest);  // weights are rounded to single precision
        EXPECT_NEAR(solved.left_out[i * 3 + k], without[k], kNear * (1 + std::abs(without[k])));
      }
    }
  }
}

/// Weighted least squares with a free bias, by its normal equations; row `out` weighs nothing.
Matrix least_squares(const FewRows& rows, double penalty, std::size_t out) {
  const std::size_t p = rows.width;
  Matrix weights;
  for (std::size_t k = 0; k < rows.classes; ++k) {
    Matrix a(p + 1, Vector(p + 1));
    Vector b(p + 1);
    for (std::size_t i = 0; i < rows.rows(); ++i) {
      if (i == out) continue;
      const double weight = static_cast<double>(rows.rows()) / (static_cast<double>(rows.classes) * rows.sizes[rows.label(i)]);
      Vector z = row_of(rows, i);
      z.push_back(1);
      for (std::size_t r = 0; r <= p; ++r) {
        b[r] += weight * z[r] * (rows.label(i) == k ? 1 : 0);
        for (std::size_t c = 0; c <= p; ++c) a[r][c] += weight * z[r] * z[c];
      }
    }
    for (std::size_t r = 0; r < p; ++r) a[r][r] += penalty;
    weights.push_back(solved_plainly(a, b));
  }
  return weights;
}

TEST(Closed, RidgeIsWeightedLeastSquaresAndItsHatMatrixLeavesRowsOut) {
  for (const std::size_t width : {std::size_t{5}, std::size_t{30}}) {
    const FewRows rows = made(kLabels, width, 3);
    const Solved solved = solve_ridge(rows, 0.3);
    const Vector said = answers(solved.head, rows);
    const Matrix all = least_squares(rows, 0.3, rows.rows());
    for (std::size_t i = 0; i < rows.rows(); ++i) {
      Vector z = row_of(rows, i);
      z.push_back(1);
      const Matrix without = least_squares(rows, 0.3, i);
      for (std::size_t k = 0; k < 3; ++k) {
        EXPECT_NEAR(said[i * 3 + k], dot(all[k], z), kNear);
        EXPECT_NEAR(solved.left_out[i * 3 + k], dot(without[k], z), kNear);
      }
    }
  }
}

TEST(Closed, RidgeTakesThePenaltyThatErrsLeastOnRowsLeftOut) {
  const FewRows rows = made(kLabels, 30, 3);
  double least = 1e9, best = 0;
  for (const double penalty : kRidgePenalties) {
    const Solved solved = solve_ridge(rows, penalty);
    double error = 0;
    for (std::size_t i = 0; i < rows.rows(); ++i)
      for (std::size_t k = 0; k < 3; ++k) error += std::pow(solved.left_out[i * 3 + k] - (rows.label(i) == k ? 1 : 0), 2) / rows.sizes[rows.label(i)];
    if (error < least) {
      least = error;
      best = penalty;
    }
  }
  EXPECT_EQ(solve_ridge(rows).strength, best);
}

TEST(Closed, WithOneRowAClassNothingIsLeftOutAndLdaIsThePrototypes) {
  const FewRows rows = made({0, 1, 2}, 9, 3);
  ThreadPool pool(1);
  for (const Rule rule : kRules)
    for (const double logit : solve(rule, rows, 0, pool).left_out) EXPECT_TRUE(std::isnan(logit)) << to_string(rule);
  EXPECT_EQ(answers(solve_lda(rows).head, rows), answers(solve_prototypes(rows).head, rows));
  EXPECT_EQ(solve_ridge(rows).strength, kRidgeDefault);
}

TEST(Closed, ARowThatIsAloneInItsClassIsNotLeftOut) {
  const FewRows rows = made({0, 0, 1, 2, 2}, 9, 3);
  for (const Solved& solved : {solve_prototypes(rows), solve_lda(rows), solve_ridge(rows)})
    for (std::size_t i = 0; i < rows.rows(); ++i) EXPECT_EQ(std::isnan(solved.left_out[i * 3]), i == 2);
}

TEST(Closed, UnitRowsAreOfLengthOneAndZerosStay) {
  std::vector<float> values{3, 4, 0, 0, 1, 1};
  make_unit(values, 2, {});
  EXPECT_EQ(values, (std::vector<float>{0.6F, 0.8F, 0, 0, static_cast<float>(std::sqrt(0.5)), static_cast<float>(std::sqrt(0.5))}));
  std::vector<float> centred{3, 4, 1, 1};
  EXPECT_EQ(mean_of(centred, 2), (std::vector<float>{2, 2.5F}));
  make_unit(centred, 2, std::vector<float>{3, 0});
  EXPECT_EQ(centred[0], 0);
  EXPECT_EQ(centred[1], 1);
}

TEST(Closed, TransportSharesThePhotosOutAmongTheClasses) {
  const FewRows rows = made({0, 1, 2}, 20, 3);
  const FewRows queries = made({0, 0, 0, 1, 1, 1, 2, 2, 2}, 20, 3);
  const std::vector<double> p = transport(rows, queries.values);
  ASSERT_EQ(p.size(), 27U);
  for (std::size_t k = 0; k < 3; ++k) {
    double row = 0, column = 0;
    for (std::size_t i = 0; i < 9; ++i) column += p[i * 3 + k];
    for (std::size_t j = 0; j < 3; ++j) row += p[k * 3 + j];
    EXPECT_NEAR(row, 1, 1e-9);
    EXPECT_NEAR(column, 3, 0.01);
  }
}

}  // namespace
}  // namespace graft::head

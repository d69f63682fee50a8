#include "graft/head/transferability.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "graft/base/error.h"
#include "graft/head/spectrum.h"
#include "head/made_data.h"

namespace graft::head {
namespace {

/// With two of its columns a second time.
Made with_dependent_columns(const Made& data) {
  Made wider{{}, data.labels, data.width + 2};
  for (std::size_t i = 0; i < data.labels.size(); ++i) {
    const auto row = data.features().row(i);
    wider.values.insert(wider.values.end(), row.begin(), row.end());
    wider.values.insert(wider.values.end(), row.begin(), row.begin() + 2);
  }
  return wider;
}

/// The numbers are NumPy's in float64, by formulas without a decomposition: the posterior by solve() and the determinant by slogdet() of alpha I + beta X^T X;
/// trace(pinv(cov) cov_of_means), and inv() of the covariance shrunk by Ledoit and Wolf's coefficient summed row by row.
TEST(Transferability, AreThoseOfTheClosedFormulas) {
  ThreadPool pool(2);
  const Made tall = make_data(60, 8, 3), wide = make_data(40, 90, 3), dependent = with_dependent_columns(tall);
  EXPECT_NEAR(logme(tall.features(), tall.labels, 3, pool), -0.4727911148898137, 1e-7);
  EXPECT_NEAR(logme(wide.features(), wide.labels, 3, pool), -0.01572907602140815, 1e-7);
  EXPECT_NEAR(logme(dependent.features(), dependent.labels, 3, pool), -0.47307050331642636, 1e-7);
  EXPECT_NEAR(h_score(tall.features(), tall.labels, 3, false, pool), 0.8824099063449029, 1e-7);
  EXPECT_NEAR(h_score(dependent.features(), dependent.labels, 3, false, pool), 0.882409906344903, 1e-7);
  EXPECT_NEAR(h_score(wide.features(), wide.labels, 3, false, pool), 2, 1e-7);  // says nothing: fewer rows than features
  EXPECT_NEAR(h_score(tall.features(), tall.labels, 3, true, pool), 0.711056710094562, 1e-7);
  EXPECT_NEAR(h_score(wide.features(), wide.labels, 3, true, pool), 1.714754800888556, 1e-7);
  EXPECT_NEAR(h_score(dependent.features(), dependent.labels, 3, true, pool), 0.7543958082126436, 1e-7);
}

TEST(Transferability, AreTheSameForAnyNumberOfThreads) {
  const Made data = make_data(150, 140, 4);
  ThreadPool one(1), three(3);
  EXPECT_EQ(logme(data.features(), data.labels, 4, one), logme(data.features(), data.labels, 4, three));
  EXPECT_EQ(h_score(data.features(), data.labels, 4, true, one), h_score(data.features(), data.labels, 4, true, three));
}

/// A class that no row has changes nothing; features that are all the same say nothing.
TEST(Transferability, EmptyClassesAndConstantFeatures) {
  ThreadPool pool(1);
  const Made data = make_data(60, 8, 3);
  EXPECT_EQ(logme(data.features(), data.labels, 5, pool), logme(data.features(), data.labels, 3, pool));
  EXPECT_EQ(h_score(data.features(), data.labels, 5, true, pool), h_score(data.features(), data.labels, 3, true, pool));
  const Made constant{std::vector<float>(60 * 8, 0.5F), data.labels, 8};
  EXPECT_EQ(h_score(constant.features(), constant.labels, 3, true, pool), 0);
  EXPECT_TRUE(std::isfinite(logme(constant.features(), constant.labels, 3, pool)));
}

/// NumPy's: exp of the entropy of the normalized singular values of svd().
TEST(Transferability, EffectiveRankIsThatOfTheSingularValues) {
  ThreadPool one(1), three(3);
  const auto rank = [&](const std::vector<float>& values, std::size_t width) { return effective_rank({values, values.size() / width, width}, one); };
  EXPECT_NEAR(rank({3, 0, 0, 0, 3, 0, 0, 0, 3}, 3), 3, 1e-9);
  EXPECT_NEAR(rank({1, 2, 2, 4, 3, 6, -1, -2}, 2), 1, 1e-4) << "all along one direction";
  EXPECT_NEAR(rank({2, 0, 0, 1}, 2), std::exp(std::log(3.0) - 2.0 / 3 * std::log(2.0)), 1e-9) << "of the shares 2/3 and 1/3";
  EXPECT_EQ(rank({0, 0, 0, 0}, 2), 1) << "nothing at all";
  for (const auto& [rows, width] : {std::pair{60, 8}, {40, 90}}) {
    const Made data = make_data(static_cast<std::size_t>(rows), static_cast<std::size_t>(width), 3);
    EXPECT_EQ(effective_rank(data.features(), one), effective_rank(data.features(), three));
    EXPECT_LT(effective_rank(data.features(), one), std::min(rows, width));
  }
}

/// Two directions of classes 0 and 1, a row of class 1 amid those of class 0; a length does not matter.
TEST(Transferability, TheNearestRowsVote) {
  ThreadPool one(1), three(3);
  const std::vector<float> rows{1, 0, 5, 0.2F, 1, 0.1F, 0, 1, 0.1F, 2, 0, 3, 1, 0.05F};
  const std::vector<int> labels{0, 0, 0, 1, 1, 1, 1};
  EXPECT_NEAR(nearest_accuracy({rows, 7, 2}, labels, 2, one), 6.0 / 7, 1e-12) << "the votes of the far rows count hardly";
  EXPECT_EQ(nearest_accuracy({rows, 7, 2}, labels, 5, one), nearest_accuracy({rows, 7, 2}, labels, 2, one));
  const Made data = make_data(150, 40, 4);
  EXPECT_EQ(nearest_accuracy(data.features(), data.labels, 4, one), nearest_accuracy(data.features(), data.labels, 4, three));
}

TEST(Transferability, ValuesThatAreNoNumbersAreRefused) {
  ThreadPool pool(1);
  Made data = make_data(20, 4, 2);
  data.values[4 * 7] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(logme(data.features(), data.labels, 2, pool), Error);
  EXPECT_THROW(h_score(data.features(), data.labels, 2, true, pool), Error);
}

/// V diag(values) V^T is the matrix again, where B is the identity; also of one with equal eigenvalues, and of 1 and 2 rows.
TEST(Spectrum, ItsPartsGiveTheMatrix) {
  ThreadPool pool(2);
  for (const std::size_t n : {1U, 2U, 7U, 90U})
    for (const bool plain : {false, true}) {
      Block<double> a(n, n), kept(n, n), identity(n, n);
      for (std::size_t i = 0; i < n; ++i) {
        identity.row(i)[i] = 1;
        for (std::size_t j = 0; j <= i; ++j) kept.row(i)[j] = a.row(i)[j] = plain ? (i == j ? 3 : 0) : made_value("a", i * n + j);
      }
      const Spectrum s = spectrum_of(std::move(a), std::move(identity), pool);
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j <= i; ++j) {
          double sum = 0;
          for (std::size_t k = 0; k < n; ++k) sum += s.seen.row(k)[i] * s.values[k] * s.seen.row(k)[j];
          EXPECT_NEAR(sum, kept.row(i)[j], 1e-12 * static_cast<double>(n));
        }
    }
}

}  // namespace
}  // namespace graft::head

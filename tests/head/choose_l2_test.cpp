#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "graft/base/error.h"
#include "graft/head/l2_path.h"
#include "graft/head/logistic.h"
#include "head/made_data.h"

namespace graft::head {
namespace {

const L2Score& best_of(const L2Choice& choice) {
  return *std::min_element(choice.path.begin(), choice.path.end(), [](const L2Score& a, const L2Score& b) { return a.log_loss < b.log_loss; });
}

TEST(ChooseL2, TakesTheBestLogLossOfAPathFromStrongToWeak) {
  ThreadPool pool(2);
  for (const std::size_t width : {30U, 400U}) {
    const Made data = make_data(120, width, 3);
    const L2Choice choice = choose_l2(data.features(), data.labels, 3, ClassWeights::none, 1, pool);
    EXPECT_EQ(choice.folds, 5);
    EXPECT_EQ(choice.l2, best_of(choice).l2);
    EXPECT_TRUE(std::is_sorted(choice.path.begin(), choice.path.end(), [](const L2Score& a, const L2Score& b) { return a.l2 > b.l2; }));
    EXPECT_GT(best_of(choice).accuracy, 0.6);
    EXPECT_LT(best_of(choice).log_loss, choice.path.front().log_loss);
    for (const L2Score& score : choice.path) {
      EXPECT_GT(score.standard_error, 0);
      EXPECT_LT(score.standard_error, 0.2);
    }
  }
}

/// What each row adds to the best log loss: with all of them weighing the same, its mean is that.
TEST(ChooseL2, TellsTheLossOfEachHeldOutRow) {
  ThreadPool pool(2);
  Made data = make_data(120, 30, 3);
  data.labels[5] = 3;  // the only row of a fourth class
  const L2Choice choice = choose_l2(data.features(), data.labels, 4, ClassWeights::none, 1, pool);
  ASSERT_EQ(choice.held_out.size(), 120U);
  double sum = 0;
  for (std::size_t i = 0; i < 120; ++i) {
    if (i == 5) EXPECT_TRUE(std::isnan(choice.held_out[i]));
    else sum += choice.held_out[i];
  }
  EXPECT_NEAR(sum / 119, best_of(choice).log_loss, 1e-9);
}

TEST(ChooseL2, TellsTheLogitsOfEachHeldOutRow) {
  ThreadPool pool(2);
  for (const int classes : {2, 4}) {
    const Made data = make_data(120, 30, classes);
    const L2Choice choice = choose_l2(data.features(), data.labels, classes, ClassWeights::none, 1, pool);
    const auto width = static_cast<std::size_t>(classes);
    ASSERT_EQ(choice.held_out_logits.size(), 120 * width);
    for (std::size_t i = 0; i < 120; ++i) {
      double sum = 0;
      for (std::size_t k = 0; k < width; ++k) sum += std::exp(static_cast<double>(choice.held_out_logits[i * width + k]));
      const auto own = static_cast<double>(choice.held_out_logits[i * width + static_cast<std::size_t>(data.labels[i])]);
      EXPECT_NEAR(std::log(sum) - own, choice.held_out[i], 1e-4);
    }
    const L2Choice alone = choose_l2(data.features(), data.labels, classes, ClassWeights::none, 1, pool, {}, {}, choice.l2);
    EXPECT_EQ(alone.path.size(), 1U);
    EXPECT_EQ(alone.l2, choice.l2);
    EXPECT_NEAR(alone.path.front().log_loss, best_of(choice).log_loss, 0.02 * best_of(choice).log_loss);
  }
}

/// The last value of the path against a cross-validation written out: fit without the fold, ask the fold. With 2 rows a class there are 2 folds.
TEST(ChooseL2, HeldOutRowsAreNotInTheFit) {
  ThreadPool pool(1);
  Made data{{}, {0, 0, 1, 1}, 3};
  for (std::size_t i = 0; i < 12; ++i) data.values.push_back(static_cast<float>(made_value("x", i)));
  const L2Choice choice = choose_l2(data.features(), data.labels, 2, ClassWeights::none, 5, pool);
  EXPECT_EQ(choice.folds, 2);
  // The best of two splits of four rows: {0,2}{1,3} or {0,3}{1,2}, each row standardised over all four as choose_l2 does: of so few rows by
  // the median deviation, if a feature's own is smaller.
  std::vector<double> x(12);
  std::array<double, 3> mean{}, deviation{};
  for (std::size_t c = 0; c < 3; ++c) {
    for (std::size_t i = 0; i < 4; ++i) mean[c] += static_cast<double>(data.values[i * 3 + c]) / 4;
    for (std::size_t i = 0; i < 4; ++i) deviation[c] += std::pow(static_cast<double>(data.values[i * 3 + c]) - mean[c], 2) / 4;
    deviation[c] = std::sqrt(deviation[c]);
  }
  std::array<double, 3> sorted = deviation;
  std::ranges::sort(sorted);
  for (std::size_t c = 0; c < 3; ++c)
    for (std::size_t i = 0; i < 4; ++i) x[i * 3 + c] = (static_cast<double>(data.values[i * 3 + c]) - mean[c]) / std::max(deviation[c], sorted[1]);
  // Two training rows a (class 0) and b (class 1) have w = t (b - a) and the logit t <b - a, x - (a + b) / 2>; t by bisection.
  const auto held_out_loss = [&](std::size_t a, std::size_t b, std::size_t row, int label) {
    double square = 0, margin = 0;
    for (std::size_t c = 0; c < 3; ++c) {
      const double d = x[b * 3 + c] - x[a * 3 + c];
      square += d * d;
      margin += d * (x[row * 3 + c] - (x[a * 3 + c] + x[b * 3 + c]) / 2);
    }
    const double l2 = choice.path.back().l2;
    double low = 0, high = 100;  // derivative of log(1 + exp(-t square / 2)) + l2 / 4 t^2 square is increasing in t
    for (int i = 0; i < 200; ++i) {
      const double t = (low + high) / 2;
      (l2 / 2 * t * square - square / 2 / (1 + std::exp(t * square / 2)) > 0 ? high : low) = t;
    }
    return std::log1p(std::exp(label == 1 ? -low * margin : low * margin));
  };
  const auto cross_validated = [&](std::size_t p, std::size_t q) {  // the folds hold {0, p} and {1, q}
    return (held_out_loss(1, q, 0, 0) + held_out_loss(1, q, p, 1) + held_out_loss(0, p, 1, 0) + held_out_loss(0, p, q, 1)) / 4;
  };
  const double first = cross_validated(2, 3), second = cross_validated(3, 2);
  EXPECT_LT(std::min(std::abs(choice.path.back().log_loss - first), std::abs(choice.path.back().log_loss - second)), 2e-3);
}

TEST(ChooseL2, SameChoiceForAnyNumberOfThreadsAndTheSameSeed) {
  ThreadPool one(1), three(3);
  const Made data = make_data(300, 320, 3);
  const L2Choice a = choose_l2(data.features(), data.labels, 3, ClassWeights::balanced, 4, one),
                 b = choose_l2(data.features(), data.labels, 3, ClassWeights::balanced, 4, three);
  ASSERT_EQ(a.path.size(), b.path.size());
  for (std::size_t i = 0; i < a.path.size(); ++i) EXPECT_EQ(a.path[i].log_loss, b.path[i].log_loss);
  const L2Choice other = choose_l2(data.features(), data.labels, 3, ClassWeights::balanced, 5, one);
  EXPECT_NE(a.path[0].log_loss, other.path[0].log_loss);
}

TEST(ChooseL2, AClassWithOneRowIsHeldOutInNoFold) {
  ThreadPool pool(1);
  Made data = make_data(40, 6, 2);
  data.labels[7] = 2;
  const L2Choice choice = choose_l2(data.features(), data.labels, 3, ClassWeights::none, 1, pool);
  EXPECT_EQ(choice.folds, 5);
  // 39 rows are scored: the accuracy is a multiple of 1/39, which the 40th row would spoil.
  const double right = choice.path.back().accuracy * 39;
  EXPECT_NEAR(right, std::round(right), 1e-9);
  EXPECT_EQ(fit_logistic(data.features(), data.labels, 3, {choice.l2}, pool).classes, 3U);
}

TEST(ChooseL2, OneRowPerClassTakesTheDefault) {
  ThreadPool pool(1);
  Made data = make_data(3, 6, 3);
  data.labels = {2, 0, 1};
  const L2Choice choice = choose_l2(data.features(), data.labels, 3, ClassWeights::none, 1, pool);
  EXPECT_EQ(choice.folds, 0);
  EXPECT_EQ(choice.l2, kDefaultL2);
  EXPECT_TRUE(choice.path.empty());
}

TEST(ChooseL2, ManyRowsAreChosenOnASubsample) {
  ThreadPool pool(2);
  Made data = make_data(12000, 4, 2);
  const L2Choice choice = choose_l2(data.features(), data.labels, 2, ClassWeights::none, 1, pool);
  EXPECT_EQ(choice.folds, 5);
  EXPECT_NEAR(choice.l2 / best_of(choice).l2, 10000.0 / 12000, 1e-3);
  data.values[4 * 11000] = std::numeric_limits<float>::infinity();
  try {
    choose_l2(data.features(), data.labels, 2, ClassWeights::none, 1, pool);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fact(), "row 11000 holds infinity, expected finite numbers");
  }
}

TEST(ChooseL2, RowsOfWeightZeroHaveNoPart) {
  ThreadPool pool(1);
  const Made data = make_data(60, 8, 3);
  Made some{{}, {}, 8}, other = data;
  std::vector<double> weights;
  for (std::size_t i = 0; i < 60; ++i) {
    weights.push_back(i % 3 == 0 ? 0 : 1);
    if (i % 3 == 0) {
      other.labels[i] = (other.labels[i] + 1) % 3;
      continue;
    }
    some.labels.push_back(data.labels[i]);
    some.values.insert(some.values.end(), data.features().row(i).begin(), data.features().row(i).end());
  }
  const L2Choice a = choose_l2(data.features(), data.labels, 3, ClassWeights::none, 4, pool, weights),
                 b = choose_l2(other.features(), other.labels, 3, ClassWeights::none, 4, pool, weights),
                 c = choose_l2(some.features(), some.labels, 3, ClassWeights::none, 4, pool);
  EXPECT_EQ(a.l2, b.l2);
  EXPECT_EQ(a.l2, c.l2);
  for (std::size_t i = 0; i < a.path.size(); ++i) EXPECT_NEAR(a.path[i].log_loss, c.path[i].log_loss, 1e-3);
}

/// Four rows of each patient lie close together and say nothing of the class: only who has seen the patient can tell it.
struct Patients {
  Made data{{}, {}, 20};
  std::vector<std::string> groups;

  explicit Patients(int count) {
    for (int p = 0; p < count; ++p)
      for (uint64_t i = 0; i < 4; ++i) {
        data.labels.push_back(p % 2);
        groups.push_back(std::to_string(p));
        for (uint64_t c = 0; c < 20; ++c)
          data.values.push_back(static_cast<float>(made_value("patient", static_cast<uint64_t>(p) * 20 + c) +
                                                   0.01 * made_value("row", (static_cast<uint64_t>(p) * 4 + i) * 20 + c)));
      }
  }
};

TEST(ChooseL2, RowsOfAGroupAreHeldOutTogether) {
  ThreadPool pool(1);
  const Patients patients(16);
  const L2Choice divided = choose_l2(patients.data.features(), patients.data.labels, 2, ClassWeights::none, 1, pool),
                 whole = choose_l2(patients.data.features(), patients.data.labels, 2, ClassWeights::none, 1, pool, {}, patients.groups);
  EXPECT_GT(best_of(divided).accuracy, 0.95);
  EXPECT_LT(best_of(whole).accuracy, 0.75);
  EXPECT_EQ(whole.folds, 5);
}

TEST(ChooseL2, FoldsOfGroups) {
  const Patients patients(12);
  const Folds folds = deal(patients.data.labels, 2, {}, 3, patients.groups);
  EXPECT_EQ(folds.count, 5);
  std::vector<int> rows(5);
  for (std::size_t i = 0; i < folds.of.size(); ++i) {
    EXPECT_EQ(folds.of[i], folds.of[i / 4 * 4]);
    ++rows.at(static_cast<std::size_t>(folds.of[i]));
  }
  for (const int count : rows) EXPECT_GE(count, 8);
  // A class that one group alone has is held out nowhere, and its group neither; "" is alone.
  const std::vector<int> labels = {0, 0, 1, 1, 2, 0, 0};
  const std::vector<std::string> groups = {"a", "a", "b", "b", "b", "", ""};
  EXPECT_EQ(deal(labels, 3, {}, 3, groups).of[4], -1);
  EXPECT_EQ(deal(labels, 3, {}, 3, groups).of[2], -1);
  EXPECT_EQ(deal(labels, 3, {}, 3, groups).count, 3);
}

}  // namespace
}  // namespace graft::head

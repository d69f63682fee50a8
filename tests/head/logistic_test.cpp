#include "graft/head/logistic.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <stdexcept>

#include "graft/base/error.h"
#include "head/made_data.h"

namespace graft::head {
namespace {

double largest(std::span<const double> values) {
  double most = 0;
  for (const double value : values) most = std::max(most, std::abs(value));
  return most;
}

/// max |a - b| / max |b|
template <class A, class B>
double difference(const A& a, const B& b) {
  EXPECT_EQ(a.size(), b.size());
  double most = 0, scale = 0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    most = std::max(most, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
    scale = std::max(scale, std::abs(static_cast<double>(b[i])));
  }
  return most / scale;
}

std::vector<double> probabilities(const LinearHead& head, const Features& features) {
  std::vector<float> z(features.rows * head.classes);
  logits(head, features, z);
  std::vector<double> p(z.begin(), z.end());
  for (std::size_t i = 0; i < features.rows; ++i) {
    const auto row = std::span(p).subspan(i * head.classes, head.classes);
    double sum = 0;
    for (double& value : row) sum += value = std::exp(value);
    for (double& value : row) value /= sum;
  }
  return p;
}

TEST(FitLogistic, AgreesWithScikitLearn) {
  const auto goldens = nlohmann::json::parse(std::ifstream(GRAFT_TESTS "/head/logistic.json"));
  ASSERT_EQ(goldens.size(), 6U);
  ThreadPool pool(2);
  for (const auto& golden : goldens) {
    SCOPED_TRACE(golden["rows"].dump() + "x" + golden["width"].dump() + ", " + golden["classes"].dump() + " classes, balanced " +
                 golden["balanced"].dump());
    const Made data = make_data(golden["rows"], golden["width"], golden["classes"]);
    const LinearHead head = fit_logistic(data.features(), data.labels, golden["classes"],
                                         {golden["l2"], golden["balanced"] ? ClassWeights::balanced : ClassWeights::none}, pool);
    EXPECT_LT(difference(head.weight, golden["weight"].get<std::vector<double>>()), 1e-5);
    EXPECT_LT(difference(head.bias, golden["bias"].get<std::vector<double>>()), 1e-5);
    auto p = probabilities(head, data.features());
    p.resize(golden["probabilities"].size());
    EXPECT_LT(difference(p, golden["probabilities"].get<std::vector<double>>()), 1e-5);
  }
}

/// As a ReLU network has many: divided by its own deviation, a new row's would be a thousand and all that the answer goes by.
TEST(FitLogistic, AFeatureThatOneOfFewRowsHasDoesNotRule) {
  ThreadPool pool(1);
  Made data{{}, {}, 4};
  for (int i = 0; i < 10; ++i) {
    const float side = i % 2 == 0 ? 1.0F : -1.0F;
    data.values.insert(data.values.end(), {side, 0.5F * side, static_cast<float>(i / 2), i == 0 ? 1e-3F : 0.0F});
    data.labels.push_back(i % 2);
  }
  const LinearHead head = fit_logistic(data.features(), data.labels, 2, {0.01}, pool);
  const std::vector<float> row{-1, -0.5F, 2, 1};  // of class 1, with much of what a row of class 0 had a little of
  std::vector<float> said(2);
  logits(head, {row, 1, 4}, said);
  EXPECT_GT(said[1], said[0]);
}

/// The definition of the loss, differentiated by hand: at the minimum, the gradient by W on standardised features and by the bias is zero.
TEST(FitLogistic, GradientIsZeroAtTheSolution) {
  ThreadPool pool(2);
  for (const std::size_t width : {12U, 150U}) {
    const std::size_t rows = 80;
    const int classes = 3;
    const double l2 = 0.03;
    const Made data = make_data(rows, width, classes);
    const LinearHead head = fit_logistic(data.features(), data.labels, classes, {l2}, pool);
    const std::vector<double> p = probabilities(head, data.features());
    std::vector<double> gradient;
    for (std::size_t k = 0; k < head.classes; ++k) {
      double bias = 0;
      const auto residual = [&](std::size_t i) { return p[i * head.classes + k] - (data.labels[i] == static_cast<int>(k) ? 1.0 : 0.0); };
      for (std::size_t i = 0; i < rows; ++i) bias += residual(i) / rows;
      gradient.push_back(bias);
      for (std::size_t c = 0; c < width; ++c) {
        double mean = 0, variance = 0, slope = 0;
        const auto x = [&](std::size_t i) { return static_cast<double>(data.values[i * width + c]); };
        for (std::size_t i = 0; i < rows; ++i) mean += x(i) / rows;
        for (std::size_t i = 0; i < rows; ++i) variance += (x(i) - mean) * (x(i) - mean) / rows;
        for (std::size_t i = 0; i < rows; ++i) slope += residual(i) * (x(i) - mean) / std::sqrt(variance) / rows;
        gradient.push_back(slope + l2 * static_cast<double>(head.weight[k * width + c]) * std::sqrt(variance));
      }
    }
    EXPECT_LT(largest(gradient), 1e-6) << "width " << width;
  }
}

/// A feature that is 0 but for a trace of it in one photo gives way to the others where a new photo has it as large as these.
TEST(FitLogistic, AFeatureHardlySeenInTrainingDoesNotRuleTheAnswer) {
  ThreadPool pool(1);
  const std::size_t rows = 200, width = 12;
  for (const bool several : {false, true}) {
    Made data = make_data(rows, width, 2);
    for (std::size_t i = 0; i < rows; ++i) data.values[i * width] = i == 0 || (several && i % 10 == 0) ? 0.001F : 0.0F;
    const LinearHead head = fit_logistic(data.features(), data.labels, 2, {0.003}, pool);
    const double weight = std::abs(double{head.weight[width]} - double{head.weight[0]});
    if (several) EXPECT_GT(weight, 10) << "twenty photos tell how large it is: 0.001";
    else EXPECT_LT(weight, 1) << "of the difference of the logits, for a feature of 1";
  }
}

TEST(FitLogistic, SameBytesForAnyNumberOfThreads) {
  ThreadPool one(1), two(2), three(3);
  for (const std::size_t width : {300U, 1200U}) {  // large enough to be shared between threads
    const Made data = make_data(400, width, 4);
    const LinearHead a = fit_logistic(data.features(), data.labels, 4, {0.1}, one);
    for (ThreadPool* pool : {&two, &three}) {
      const LinearHead b = fit_logistic(data.features(), data.labels, 4, {0.1}, *pool);
      EXPECT_EQ(a.weight, b.weight);
      EXPECT_EQ(a.bias, b.bias);
    }
  }
}

TEST(FitLogistic, OrderOfRowsDoesNotMatter) {
  EXPECT_TRUE(rc::check([] {
    ThreadPool pool(1);
    const std::size_t rows = *rc::gen::inRange<std::size_t>(20, 60), width = *rc::gen::inRange<std::size_t>(2, 90);
    const int classes = *rc::gen::inRange(2, 5);
    const Made data = make_data(rows, width, classes);
    std::vector<std::size_t> order(rows);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::rotate(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(*rc::gen::inRange<std::size_t>(0, rows)), order.end());
    std::reverse(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(rows / 2));
    Made other{{}, {}, width};
    for (const std::size_t i : order) {
      other.labels.push_back(data.labels[i]);
      other.values.insert(other.values.end(), data.features().row(i).begin(), data.features().row(i).end());
    }
    const LinearHead a = fit_logistic(data.features(), data.labels, classes, {0.1}, pool),
                     b = fit_logistic(other.features(), other.labels, classes, {0.1}, pool);
    RC_ASSERT(difference(b.weight, a.weight) < 1e-5);
  }));
}

/// Columns that say nothing move the same problem from the space of the features into the space of the rows.
TEST(FitLogistic, SpaceOfTheRowsGivesTheSameSolution) {
  ThreadPool pool(2);
  Made data = make_data(64, 40, 3);
  std::copy_n(data.values.begin(), 40, data.values.begin() + 40);  // two equal rows: the Gram matrix has no full rank
  Made wide{{}, data.labels, 40 + 300};
  for (std::size_t i = 0; i < 64; ++i) {
    wide.values.insert(wide.values.end(), data.features().row(i).begin(), data.features().row(i).end());
    wide.values.insert(wide.values.end(), 300, 7.25F);
  }
  const LinearHead a = fit_logistic(data.features(), data.labels, 3, {0.01}, pool), b = fit_logistic(wide.features(), wide.labels, 3, {0.01}, pool);
  EXPECT_LT(difference(b.bias, a.bias), 1e-5);
  for (std::size_t k = 0; k < 3; ++k) {
    const auto row = std::span(b.weight).subspan(k * 340, 340);
    EXPECT_LT(difference(row.first(40), std::span(a.weight).subspan(k * 40, 40)), 1e-5);
    for (const float weight : row.last(300)) EXPECT_EQ(weight, 0.0F);  // constant features
  }
}

TEST(FitLogistic, BalancedWeightsEqualDuplicatedRows) {
  ThreadPool pool(1);
  // 10, 20 and 40 rows of three classes; 4, 2 and 1 copies make them equal.
  Made data{{}, {}, 15}, repeated{{}, {}, 15};
  for (int label = 0; label < 3; ++label)
    for (int i = 0; i < 10 << label; ++i) {
      std::vector<float> row;
      for (std::size_t c = 0; c < 15; ++c)
        row.push_back(
            static_cast<float>(made_value("x", data.labels.size() * 15 + c) + 0.5 * made_value("centre", static_cast<uint64_t>(label) * 15 + c)));
      for (int copy = 0; copy < 4 >> label; ++copy) {
        repeated.labels.push_back(label);
        repeated.values.insert(repeated.values.end(), row.begin(), row.end());
      }
      data.labels.push_back(label);
      data.values.insert(data.values.end(), row.begin(), row.end());
    }
  const LinearHead a = fit_logistic(data.features(), data.labels, 3, {0.05, ClassWeights::balanced}, pool);
  const LinearHead b = fit_logistic(repeated.features(), repeated.labels, 3, {0.05}, pool);
  EXPECT_LT(difference(a.weight, b.weight), 1e-5);
  EXPECT_LT(difference(a.bias, b.bias), 1e-5);
}

TEST(FitLogistic, WeightsOfRowsEqualDuplicatedRows) {
  ThreadPool pool(1);
  const Made data = make_data(60, 15, 3);
  Made repeated{{}, {}, 15};
  std::vector<double> weights;
  for (std::size_t i = 0; i < 60; ++i) {
    weights.push_back(0.25 * static_cast<double>(i % 4));
    for (std::size_t copy = 0; copy < i % 4; ++copy) {
      repeated.labels.push_back(data.labels[i]);
      repeated.values.insert(repeated.values.end(), data.features().row(i).begin(), data.features().row(i).end());
    }
  }
  const LinearHead a = fit_logistic(data.features(), data.labels, 3, {.l2 = 0.05, .weights = weights}, pool);
  const LinearHead b = fit_logistic(repeated.features(), repeated.labels, 3, {0.05}, pool);
  EXPECT_LT(difference(a.weight, b.weight), 1e-5);
  EXPECT_LT(difference(a.bias, b.bias), 1e-5);
  EXPECT_THROW(fit_logistic(data.features(), data.labels, 3, {.l2 = 0.05, .weights = std::span(weights).first(9)}, pool), std::logic_error);
}

TEST(FitLogistic, NamesTheRowThatIsNotFinite) {
  ThreadPool pool(2);
  Made data = make_data(30, 5, 2);
  const auto message = [&] {
    try {
      fit_logistic(data.features(), data.labels, 2, {0.1}, pool);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  data.values[17 * 5 + 2] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(message(), "features: row 17 holds NaN, expected finite numbers; check the weights of the backbone, or use --precision float32");
  data.values[17 * 5 + 2] = -std::numeric_limits<float>::infinity();
  EXPECT_EQ(message(), "features: row 17 holds infinity, expected finite numbers; check the weights of the backbone, or use --precision float32");
}

TEST(FitLogistic, WrongCallsAreLogicErrors) {
  ThreadPool pool(1);
  Made data = make_data(10, 3, 2);
  EXPECT_THROW(fit_logistic(data.features(), data.labels, 1, {0.1}, pool), std::logic_error);
  EXPECT_THROW(fit_logistic(data.features(), data.labels, 2, {0.0}, pool), std::logic_error);
  EXPECT_THROW(fit_logistic(data.features(), std::span(data.labels).first(9), 2, {0.1}, pool), std::logic_error);
  data.labels[4] = 2;
  EXPECT_THROW(fit_logistic(data.features(), data.labels, 2, {0.1}, pool), std::logic_error);
}

TEST(Logits, AreTheLinearLayer) {
  const LinearHead head{{1, 2, 3, -1, 0.5F, 0}, {10, -20}, 2, 3};
  std::vector<float> x, out(2 * 70);
  for (int i = 0; i < 70; ++i) x.insert(x.end(), {static_cast<float>(i), 1, 2});
  logits(head, {x, 70, 3}, out);
  for (std::size_t i = 0; i < 70; ++i) {
    EXPECT_EQ(out[2 * i], static_cast<float>(i) + 18);
    EXPECT_EQ(out[2 * i + 1], -static_cast<float>(i) - 19.5F);
  }
  EXPECT_THROW(logits(head, {x, 105, 2}, out), std::logic_error);
}

}  // namespace
}  // namespace graft::head

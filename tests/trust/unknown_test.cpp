#include "graft/trust/unknown.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "graft/base/rng.h"
#include "graft/trust/leave_class_out.h"
#include "graft/trust/separation.h"

namespace graft::trust {
namespace {

TEST(Separation, HasTheValuesOfItsDefinition) {
  const std::vector<double> known{1, 2, 3, 4}, strangers{3, 5};
  const Separation s = separation_of(known, strangers, 0);
  EXPECT_DOUBLE_EQ(s.auroc, 6.5 / 8);
  EXPECT_DOUBLE_EQ(s.fpr95, 0.5);
  EXPECT_LE(s.auroc_interval.low, s.auroc);
  EXPECT_GE(s.auroc_interval.high, s.auroc);
  EXPECT_DOUBLE_EQ(auroc_of(std::vector<double>{1}, std::vector<double>{1}), 0.5);
}

TEST(Energy, IsTheNegativeLogOfTheSumOfExponentials) {
  const std::vector<float> logits{1, 2, 3};
  EXPECT_NEAR(strangeness({.score = Strangeness::energy}, logits, {}), -std::log(std::exp(1.0) + std::exp(2.0) + std::exp(3.0)), 1e-9);
  EXPECT_NEAR(strangeness({.score = Strangeness::max_logit}, logits, {}), -3, 1e-9);
  EXPECT_NEAR(strangeness({.score = Strangeness::energy}, std::vector<float>{1000, 0}, {}), -1000, 1e-6);
}

TEST(Threshold, IsTheOneOfTheFiniteSample) {
  EXPECT_EQ(enough_to_reject(0.05), 19U);
  EXPECT_EQ(enough_to_reject(0.01), 99U);
  EXPECT_EQ(enough_to_reject(0.5), 1U);
  EXPECT_EQ(usual_reject(99), 0.01);
  EXPECT_EQ(usual_reject(98), 0.05);
  EXPECT_EQ(usual_reject(18), std::nullopt);
  std::vector<float> logits;
  for (int i = 1; i <= 99; ++i) logits.push_back(static_cast<float>(-i));  // scores 1 to 99
  EXPECT_EQ(find_threshold({.score = Strangeness::max_logit}, logits, {}, 99, 0.05, Basis::validation).threshold, 95);
  EXPECT_EQ(find_threshold({.score = Strangeness::max_logit}, logits, {}, 99, 0.01, Basis::validation).threshold, 99);
  EXPECT_THROW(find_threshold({.score = Strangeness::max_logit}, logits, {}, 99, 0.001, Basis::validation), std::logic_error);
}

TEST(Threshold, LetsNoMoreThanItsPartBeUnknownInTheMean) {
  double unknown = 0;
  for (uint64_t trial = 0; trial < 400; ++trial) {
    Rng rng(trial);
    std::vector<float> logits;
    for (int i = 0; i < 40; ++i) logits.push_back(static_cast<float>(rng.uniform()));
    const Unknown rule = find_threshold({.score = Strangeness::max_logit}, logits, {}, 40, 0.1, Basis::validation);
    for (int i = 0; i < 50; ++i) unknown += judge(rule, std::vector<float>{static_cast<float>(rng.uniform())}, {}).unknown ? 1 : 0;
  }
  EXPECT_NEAR(unknown / (400 * 50), 0.1, 0.015);
}

TEST(Judge, SaysHowManyPhotosAreLessStrange) {
  std::vector<float> logits;
  for (int i = 1; i <= 101; ++i) logits.push_back(static_cast<float>(-i));
  const Unknown rule = find_threshold({.score = Strangeness::max_logit}, logits, {}, 101, 0.05, Basis::validation);
  const Stranger odd = judge(rule, std::vector<float>{-99.5F}, {});
  EXPECT_TRUE(odd.unknown);
  EXPECT_EQ(why(rule, odd), "less like any class (largest logit) than 98 % of 101 photos of these classes");
  EXPECT_EQ(why(rule, judge(rule, std::vector<float>{-500}, {})), "less like any class (largest logit) than any of 101 photos of these classes");
  EXPECT_FALSE(judge(rule, std::vector<float>{-3}, {}).unknown);
  EXPECT_EQ(judge(rule, std::vector<float>{5}, {}).above, 0);
}

/// Clusters of unit rows, one a class.
struct Data {
  std::size_t width = 12;
  std::vector<float> values;
  std::vector<int> labels;
  head::Problem problem(int classes) const {
    return {.features = {values, labels.size(), width}, .classes = classes, .task = data::SingleLabel{}, .labels = labels};
  }
};

Data clusters(int classes, int each) {
  Data data;
  Rng rng(1);
  for (int c = 0; c < classes; ++c)
    for (int i = 0; i < each; ++i) {
      for (std::size_t k = 0; k < data.width; ++k)
        data.values.push_back(static_cast<float>((static_cast<int>(k) == c ? 1 : 0) + 0.1 * (rng.uniform() - 0.5)));
      data.labels.push_back(c);
    }
  return data;
}

TEST(LeaveClassOut, TriesEveryScoreOfSeveralClassesAndFeaturesAloneOfTwo) {
  ThreadPool pool(2);
  const Data four = clusters(4, 20), two = clusters(2, 20), few = clusters(2, 2);
  const ChosenScore of_four = choose_score(four.problem(4), four.width, 0.1, 0, pool);
  EXPECT_EQ(of_four.tried.size(), 5U);
  EXPECT_EQ(of_four.classes, 4U);
  EXPECT_GT(of_four.tried.front().auroc, 0.99);
  const ChosenScore of_two = choose_score(two.problem(2), two.width, 0.1, 0, pool);
  EXPECT_EQ(of_two.tried.size(), 2U);
  EXPECT_NE(of_two.reason.find("with two classes, only scores of the features can be tried"), std::string::npos);
  const Data many = clusters(17, 6);
  const ChosenScore of_many = choose_score(many.problem(17), many.width, 0.1, 0, pool);
  EXPECT_EQ(of_many.classes, 6U);
  EXPECT_GT(of_many.tried.front().auroc, 0.8);  // of classes without a feature of their own, too
  EXPECT_LE(of_many.tried.front().auroc, 1);
  EXPECT_NE(of_many.reason.find("for 6 classes that were left out 2 at a time"), std::string::npos) << of_many.reason;
  const ChosenScore of_few = choose_score(few.problem(2), few.width, 0.1, 0, pool);
  EXPECT_EQ(of_few.score, Strangeness::neighbours);
  EXPECT_EQ(of_few.reason, "too few photos to try the scores on a class that is left out");
}

TEST(Rule, ComesBackFromItsJsonAndJudgesAlike) {
  ThreadPool pool(1);
  const Data data = clusters(3, 40);
  const std::vector<float> logits(120 * 3, 0.5F);
  for (const Strangeness score : {Strangeness::energy, Strangeness::mahalanobis, Strangeness::neighbours, Strangeness::combined}) {
    const Unknown rule = find_threshold(make_gauge(score, data.problem(3), data.width, 0, pool), logits, data.values, 120, 0.05, Basis::validation);
    const nlohmann::json json = nlohmann::json::parse(nlohmann::ordered_json{{"unknown", to_json(rule)}}.dump());
    const Unknown again = unknown_from(Record(json, "", "model.onnx", {"unknown"}));
    std::vector<float> odd(data.width);
    odd.back() = 1;
    const Stranger a = judge(rule, std::vector<float>{0, 0, 0}, odd), b = judge(again, std::vector<float>{0, 0, 0}, odd);
    EXPECT_EQ(a.score, b.score) << to_string(score);
    EXPECT_TRUE(b.unknown) << to_string(score);
    EXPECT_FALSE(judge(again, std::vector<float>{0.5F, 0.5F, 0.5F}, std::span(data.values).first(data.width)).unknown) << to_string(score);
  }
}

std::string error_of(nlohmann::json rule) {
  const nlohmann::json json{{"unknown", std::move(rule)}};
  try {
    unknown_from(Record(json, "", "model.onnx", {"unknown"}));
  } catch (const Error& error) {
    return error.fact();
  }
  return "";
}

TEST(Rule, RefusesDamagedJson) {
  ThreadPool pool(1);
  const Data data = clusters(3, 40);
  const std::vector<float> logits(120 * 3, 0.5F);
  const nlohmann::json good = nlohmann::json::parse(to_json(find_threshold(make_gauge(Strangeness::neighbours, data.problem(3), data.width, 0, pool),
                                                                           logits, data.values, 120, 0.05, Basis::validation))
                                                        .dump());
  const auto with = [&](const char* pointer, const nlohmann::json& value) {
    nlohmann::json json = good;
    json[nlohmann::json::json_pointer(pointer)] = value;
    return error_of(json);
  };
  EXPECT_EQ(error_of(good), "");
  EXPECT_EQ(with("/reject", 1), "its trust metadata 'unknown.reject' is 1, expected a number between 0 and 1");
  EXPECT_EQ(with("/score", "hunch"), "its trust metadata 'unknown.score' is \"hunch\", expected one that this graft knows");
  EXPECT_EQ(with("/threshold", "high"), "its trust metadata 'unknown.threshold' is \"high\", expected a number");
  EXPECT_EQ(with("/percentiles", {1, 2}), "its trust metadata 'unknown.percentiles' is [1,2], expected 101 numbers");
  EXPECT_EQ(with("/neighbours/rows", "AAAA"),
            "its trust metadata 'unknown.neighbours.rows' is \"AAAA\", expected 120 x 12 numbers in half precision, in base64");
}

TEST(Gauge, RefusesFeaturesOfAnotherNetwork) {
  Gauge gauge{.score = Strangeness::neighbours, .neighbours = {4, {1, 0, 0, 0}}};
  try {
    strangeness(gauge, std::vector<float>{0}, std::vector<float>{1, 2});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fact(), "the model's rule for unknown photos reads 4 features, and its last layer 2");
  }
}

}  // namespace
}  // namespace graft::trust

// Every number of an evaluation: by hand where it is small, against a second way of computing it where it is not, and what is not defined.
#include "graft/eval/numbers.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "graft/base/error.h"
#include "graft/eval/scores.h"

namespace graft::eval {
namespace {

const std::vector<std::string> kThree{"a", "b", "c"};

/// A row for each answer, that is said with probability `sure`, the rest shared out.
std::vector<float> rows(const std::vector<int>& said, std::size_t classes, float sure = 0.8F) {
  std::vector<float> p;
  for (const int answer : said)
    for (std::size_t k = 0; k < classes; ++k) p.push_back(static_cast<int>(k) == answer ? sure : (1 - sure) / static_cast<float>(classes - 1));
  return p;
}

TEST(Numbers, ByHand) {
  // true \ said:  a: 2 1 0   b: 0 1 1   c: 0 0 1
  const std::vector<int> labels{0, 0, 0, 1, 1, 2}, said{0, 0, 1, 1, 2, 2};
  const std::vector<float> p = rows(said, 3);
  const AnyEvaluation e = evaluate(Truth{.rows = 6, .labels = labels}, p, kThree);
  EXPECT_NEAR(value_of(e, "accuracy"), 4.0 / 6, 1e-12);
  EXPECT_NEAR(value_of(e, "balanced-accuracy"), (2.0 / 3 + 1.0 / 2 + 1) / 3, 1e-12);
  EXPECT_NEAR(value_of(e, "macro-precision"), (1 + 1.0 / 2 + 1.0 / 2) / 3, 1e-12);
  EXPECT_NEAR(value_of(e, "weighted-precision"), (3 * 1 + 2 * 0.5 + 1 * 0.5) / 6, 1e-12);
  EXPECT_NEAR(value_of(e, "weighted-f1"), (3 * 0.8 + 2 * 0.5 + 1 * 2 / 3.0) / 6, 1e-12);
  const double chance = (3 * 2 + 2 * 2 + 1 * 2) / 36.0;
  EXPECT_NEAR(value_of(e, "kappa"), (4.0 / 6 - chance) / (1 - chance), 1e-12);
  EXPECT_NEAR(value_of(e, "mcc"), (4 * 6 - 12) / std::sqrt((36.0 - 12) * (36 - 14)), 1e-12);
  EXPECT_NEAR(value_of(e, "brier"), (4 * (0.04 + 0.01 + 0.01) + 2 * (0.64 + 0.81 + 0.01)) / 6, 1e-6);
  EXPECT_NEAR(value_of(e, "ece"), 0.8 - 4.0 / 6, 1e-6) << "one bin";
  EXPECT_TRUE(std::isnan(value_of(e, "top-k"))) << "three classes";
}

TEST(Numbers, OfTwoClassesMccIsPhiAndAurocIsOne) {
  EXPECT_TRUE(rc::check([] {
    const auto answers = *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 40)));
    std::vector<int> labels;
    std::vector<float> p;
    double n[2][2] = {};
    for (const int answer : answers) {
      labels.push_back(answer % 2);
      const float of_one = static_cast<float>(answer / 2) / 32;  // exact, and so is 1 - of_one
      p.insert(p.end(), {1 - of_one, of_one});
      n[answer % 2][of_one > 0.5F ? 1 : 0] += 1;
    }
    const AnyEvaluation e = evaluate(Truth{.rows = labels.size(), .labels = labels}, p, std::vector<std::string>{"no", "yes"});
    const double below = std::sqrt(n[0][0] + n[0][1]) * std::sqrt(n[1][0] + n[1][1]) * std::sqrt(n[0][0] + n[1][0]) * std::sqrt(n[0][1] + n[1][1]);
    const double mcc = value_of(e, "mcc");
    RC_ASSERT((below == 0 ? std::isnan(mcc) : std::abs(mcc - (n[0][0] * n[1][1] - n[0][1] * n[1][0]) / below) < 1e-9));
    const std::vector<ClassTally>& classes = numbers_in(e).tally.classes;
    RC_ASSERT((std::isnan(classes[0].auroc) ? std::isnan(classes[1].auroc) : std::abs(classes[0].auroc - classes[1].auroc) < 1e-12));
  }));
}

TEST(Numbers, APhotoThatCountsTwiceIsTwoPhotos) {
  EXPECT_TRUE(rc::check([](bool several) {
    const std::size_t classes = 3, photos = *rc::gen::inRange<std::size_t>(1, 12);
    std::vector<float> p, targets, p2, targets2;
    std::vector<int> labels, labels2;
    std::vector<uint16_t> counts;
    for (std::size_t i = 0; i < photos; ++i) {
      counts.push_back(static_cast<uint16_t>(i == 0 ? 1 : *rc::gen::inRange(0, 4)));
      labels.push_back(*rc::gen::inRange(0, 3));
      for (std::size_t k = 0; k < classes; ++k) {
        p.push_back(static_cast<float>(*rc::gen::inRange(0, 9)) / 8);
        targets.push_back(static_cast<float>(*rc::gen::inRange(0, 2)));
      }
      for (int n = 0; n < counts.back(); ++n) {
        labels2.push_back(labels.back());
        p2.insert(p2.end(), p.end() - 3, p.end());
        targets2.insert(targets2.end(), targets.end() - 3, targets.end());
      }
    }
    if (several) labels.clear(), labels2.clear();
    else targets.clear(), targets2.clear();
    const data::Task task = several ? data::Task(data::MultiLabel{}) : data::Task(data::SingleLabel{});
    const Truth truth{task, photos, labels, targets}, repeated{task, p2.size() / classes, labels2, targets2};
    const Tally once = sum_up(look_at(truth, p, classes, 2), counts);
    const Answered answered = look_at(repeated, p2, classes, 2);
    const Tally twice = sum_up(answered, std::vector<uint16_t>(repeated.rows, 1));
    for (const Number& number : numbers_of(task)) {
      const double a = number.value(once), b = number.value(twice);
      RC_ASSERT((std::isnan(a) ? std::isnan(b) : std::abs(a - b) < 1e-9));
    }
  }));
}

TEST(Numbers, CalibrationBinsAreThoseOfThePaper) {
  // Bins are (low, high]: 1/15 is in the first, and 0 is, too.
  const std::vector<float> p{0.0F, 1.0F / 16, 0.5F, 1.0F}, targets{0, 1, 0, 1};
  const auto all =
      std::get<MultiLabelEvaluation>(evaluate(Truth{.task = data::MultiLabel{}, .rows = 4, .targets = targets}, p, std::vector<std::string>{"it"}));
  ASSERT_EQ(all.numbers.reliability.size(), 15U);
  EXPECT_EQ(all.numbers.reliability[0].count, 2);
  EXPECT_EQ(all.numbers.reliability[0].accuracy, 0.5);
  EXPECT_EQ(all.numbers.reliability[7].count, 1) << "0.467 to 0.533";
  EXPECT_EQ(all.numbers.reliability[14].confidence, 1);
  EXPECT_TRUE(std::isnan(all.numbers.reliability[3].accuracy));
  EXPECT_NEAR(value_of(AnyEvaluation(all), "ece"), ((1 - 1.0 / 16) + 0.5 + 0) / 4, 1e-12);
  EXPECT_NEAR(value_of(AnyEvaluation(all), "adaptive-ece"), (0 + (1 - 1.0 / 16) + 0.5 + 0) / 4, 1e-12) << "a bin each";
}

TEST(Numbers, WhatIsNotDefinedIsNull) {
  const std::vector<int> labels{0, 0};
  const nlohmann::json one = to_json(evaluate(Truth{.rows = 2, .labels = labels}, rows({0, 0}, 3), kThree));
  for (const char* key : {"auroc", "kappa", "mcc", "top_k"}) EXPECT_TRUE(one[key].is_null()) << key;
  for (const char* key : {"precision", "recall", "f1", "auroc", "average_precision"}) EXPECT_TRUE(one["classes"][1][key].is_null()) << key;
  EXPECT_TRUE(one["classes"][0]["auroc"].is_null()) << "no photo without the class";
  EXPECT_EQ(one["classes"][0]["average_precision"], 1);
  EXPECT_EQ(one["balanced_accuracy"], 1);
}

TEST(Numbers, ProbabilitiesThatAreNoneAreRefused) {
  const std::vector<int> labels{0, 1};
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()}) {
    const std::vector<float> p{0.5F, 0.5F, 0.25F, bad};
    try {
      evaluate(Truth{.rows = 2, .labels = labels}, p, std::vector<std::string>{"a", "b"});
      FAIL();
    } catch (const Error& e) {
      EXPECT_TRUE(std::string(e.what()).starts_with("probabilities: that of class 2 of photo 2 is ")) << e.what();
    }
  }
}

}  // namespace
}  // namespace graft::eval

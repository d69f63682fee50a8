#include "graft/eval/scores.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace graft::eval {
namespace {

using Names = std::vector<std::string>;

std::vector<std::string> numbered(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t k = 0; k < count; ++k) names.push_back("class " + std::to_string(k));
  return names;
}

TEST(Evaluate, AgreesWithScikitLearn) {
  const auto golden = nlohmann::json::parse(std::ifstream(GRAFT_TESTS "/eval/metrics.json"));
  const auto probabilities = golden["probabilities"].get<std::vector<float>>();
  const auto labels = golden["labels"].get<std::vector<int>>();
  const std::vector<std::string> names = numbered(golden["classes"]);
  const Evaluation e = evaluate(probabilities, labels, names);
  EXPECT_EQ(e.count, golden["rows"]);
  EXPECT_NEAR(e.accuracy, golden["accuracy"], 1e-12);
  EXPECT_NEAR(e.balanced_accuracy, golden["balanced_accuracy"], 1e-12);
  EXPECT_NEAR(e.macro_f1, golden["macro_f1"], 1e-12);
  EXPECT_NEAR(e.log_loss, golden["log_loss"], 1e-7);
  EXPECT_EQ(e.top, 5);
  EXPECT_NEAR(value_of(AnyEvaluation(e), "top-k"), golden["top5"], 1e-12);
  EXPECT_EQ(e.confusion, golden["confusion"].get<std::vector<long>>());
  for (std::size_t k = 0; k < names.size(); ++k) {
    SCOPED_TRACE(names[k]);
    EXPECT_EQ(e.classes[k].name, names[k]);
    EXPECT_EQ(e.classes[k].support, golden["support"][k]);
    EXPECT_NEAR(e.classes[k].precision, golden["precision"][k], 1e-12);
    EXPECT_NEAR(e.classes[k].recall, golden["recall"][k], 1e-12);
    EXPECT_NEAR(e.classes[k].f1, golden["f1"][k], 1e-12);
  }
}

TEST(Evaluate, AllWrong) {
  const std::vector<float> p{0, 1, 1, 0};
  const Evaluation e = evaluate(p, std::vector<int>{0, 1}, Names{"a", "b"});
  EXPECT_EQ(e.right, 0);
  EXPECT_EQ(e.accuracy, 0);
  EXPECT_EQ(e.accuracy_interval.low, 0);
  EXPECT_EQ(e.macro_f1, 0);
  EXPECT_NEAR(e.log_loss, -std::log(1e-15), 1e-5);  // clipped, finite
  EXPECT_EQ(e.top, 0);
  EXPECT_EQ(e.confusion, (std::vector<long>{0, 1, 1, 0}));
}

TEST(Evaluate, OneClassThatIsAlwaysRight) {
  const Evaluation e = evaluate(std::vector<float>{1, 1, 1}, std::vector<int>{0, 0, 0}, Names{"only"});
  EXPECT_EQ(e.accuracy, 1);
  EXPECT_EQ(e.accuracy_interval.high, 1);
  EXPECT_EQ(e.macro_f1, 1);
  EXPECT_EQ(e.balanced_accuracy, 1);
  EXPECT_EQ(e.log_loss, 0);
}

TEST(Evaluate, ClassesThatDoNotOccurCountNowhere) {
  const std::vector<float> p{0.9F, 0.1F, 0, 0.2F, 0.8F, 0};
  const Evaluation e = evaluate(p, std::vector<int>{0, 1}, Names{"a", "b", "never"});
  EXPECT_EQ(e.macro_f1, 1);
  EXPECT_EQ(e.balanced_accuracy, 1);
  EXPECT_EQ(e.classes[2].precision, 0);
  EXPECT_EQ(e.classes[2].f1, 0);
}

TEST(Evaluate, AmongEqualProbabilitiesTheFirstClassWins) {
  const Evaluation e = evaluate(std::vector<float>(6, 0.1F), std::vector<int>{5}, numbered(6));
  EXPECT_EQ(e.confusion[5 * 6 + 0], 1);
  EXPECT_EQ(value_of(AnyEvaluation(e), "top-k"), 0);  // five others come first
}

TEST(Evaluate, WrongCallsAreLogicErrors) {
  const std::vector<float> p{0.5F, 0.5F};
  EXPECT_THROW(evaluate(p, std::vector<int>{2}, Names{"a", "b"}), std::logic_error);
  EXPECT_THROW(evaluate(p, std::vector<int>{-1}, Names{"a", "b"}), std::logic_error);
  EXPECT_THROW(evaluate(p, std::vector<int>{0, 1}, Names{"a", "b"}), std::logic_error);
  EXPECT_THROW(evaluate(std::span<const float>(), std::span<const int>(), Names{"a", "b"}), std::logic_error);
}

// Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
TEST(Wilson, PublishedValues) {
  const struct {
    long right, total;
    double low, high;
  } rows[] = {{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0.0, 0.1611}, {1, 29, 0.0061, 0.1718}};
  for (const auto& row : rows) {
    const Interval interval = wilson(row.right, row.total);
    EXPECT_NEAR(interval.low, row.low, 5e-5);
    EXPECT_NEAR(interval.high, row.high, 5e-5);
  }
  EXPECT_EQ(wilson(0, 0).low, 0);
  EXPECT_EQ(wilson(0, 0).high, 1);
}

TEST(Softmax, LargeLogitsDoNotOverflow) {
  std::vector<float> z{1000, 1000, -1000, 0, std::log(2.0F), std::log(5.0F)};
  softmax(z, 3);
  const float expected[] = {0.5F, 0.5F, 0, 0.125F, 0.25F, 0.625F};
  for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR(z[i], expected[i], 1e-6F);
}

TEST(TopK, HighestFirstAndTiesByIndex) {
  const std::vector<float> p{0.1F, 0.3F, 0.2F, 0.3F, 0.1F};
  const std::vector<Ranked> ranked = top_k(p, 4);
  ASSERT_EQ(ranked.size(), 4U);
  const int labels[] = {1, 3, 2, 0};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(ranked[i].label, labels[i]);
    EXPECT_EQ(ranked[i].probability, p[static_cast<std::size_t>(labels[i])]);
  }
  EXPECT_EQ(top_k(p, 9).size(), 5U);
  EXPECT_TRUE(top_k(p, 0).empty());
}

TEST(TopK, TheFirstIsThePredictionOfEvaluate) {
  EXPECT_TRUE(rc::check([](const std::vector<unsigned char>& values) {
    RC_PRE(!values.empty());
    std::vector<float> p(values.begin(), values.end());
    for (float& value : p) value /= 255;
    const auto first = static_cast<std::size_t>(top_k(p, 1)[0].label);
    RC_ASSERT(evaluate(p, std::vector<int>{0}, numbered(p.size())).confusion[first] == 1);
  }));
}

}  // namespace
}  // namespace graft::eval

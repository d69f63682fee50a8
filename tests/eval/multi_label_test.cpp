#include "graft/eval/multi_label.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

namespace graft::eval {
namespace {

using nlohmann::json;

TEST(EvaluateMultiLabel, AgreesWithScikitLearnsFormulas) {
  std::size_t seen = 0;
  for (const json& golden : json::parse(std::ifstream(GRAFT_TESTS "/eval/multi_label.json"))) {
    std::vector<std::string> names;
    for (int k = 0; k < golden["classes"]; ++k) names.push_back("class " + std::to_string(k));
    const auto targets = golden["targets"].get<std::vector<float>>();
    const MultiLabelEvaluation e = evaluate_multi_label(golden["probabilities"].get<std::vector<float>>(), targets, names);
    for (std::size_t k = 0; k < names.size(); ++k) {
      const double expected = golden["average_precision"][k].is_null() ? -1 : golden["average_precision"][k].get<double>();
      EXPECT_NEAR(e.classes[k].average_precision.value_or(-1), expected, 1e-9);
      EXPECT_NEAR(e.classes[k].precision, golden["precision"][k].get<double>(), 1e-9);
      EXPECT_NEAR(e.classes[k].recall, golden["recall"][k].get<double>(), 1e-9);
    }
    EXPECT_NEAR(e.mean_average_precision, golden["mean_average_precision"].get<double>(), 1e-9);
    EXPECT_NEAR(e.micro_f1, golden["micro_f1"].get<double>(), 1e-9);
    EXPECT_NEAR(e.macro_f1, golden["macro_f1"].get<double>(), 1e-9);
    EXPECT_NEAR(e.subset_accuracy, golden["subset_accuracy"].get<double>(), 1e-9);
    EXPECT_NEAR(e.hamming_loss, golden["hamming_loss"].get<double>(), 1e-9);
    EXPECT_NEAR(e.log_loss, golden["log_loss"].get<double>(), 1e-6);
    const Interval interval = wilson(e.right, e.count);
    EXPECT_EQ(e.subset_accuracy_interval.low, interval.low);
    ++seen;
  }
  EXPECT_EQ(seen, 4U);
}

TEST(EvaluateMultiLabel, Sizes) {
  const std::vector<std::string> names{"a", "b"};
  EXPECT_THROW(evaluate_multi_label(std::vector<float>(3), std::vector<float>(3), names), std::logic_error);
  EXPECT_THROW(evaluate_multi_label(std::vector<float>(4), std::vector<float>(2), names), std::logic_error);
  EXPECT_THROW(evaluate_multi_label({}, {}, names), std::logic_error);
}

TEST(Sigmoid, DoesNotOverflow) {
  std::vector<float> z{0, 200, -200, 2};
  sigmoid(z);
  EXPECT_EQ(z[0], 0.5F);
  EXPECT_EQ(z[1], 1);
  EXPECT_TRUE(z[2] >= 0 && z[2] < 1e-30F);
  EXPECT_NEAR(z[3], 1 / (1 + std::exp(-2.0)), 1e-7);
}

TEST(AboveThreshold, TakesTheHalf) { EXPECT_EQ(above_threshold(std::vector<float>{0.5F, 0.4999F, 0.9F}), (std::vector<int>{0, 2})); }

TEST(MultiLabelTable, ReadsLikeThis) {
  const std::vector<std::string> names{"red", "green", "blue"};
  const MultiLabelEvaluation e =
      evaluate_multi_label(std::vector<float>{0.9F, 0.2F, 0.1F, 0.6F, 0.7F, 0.1F}, std::vector<float>{1, 0, 0, 0, 1, 0}, names);
  EXPECT_EQ(to_table(e),
            "mean average precision  1.000\n"
            "micro F1                0.800\n"
            "macro F1                0.833\n"
            "AUROC                   1.000\n"
            "all classes right       50.0 % (1 of 2; 95 % interval 9.5 to 90.5 %)\n"
            "Hamming loss            0.1667\n"
            "log loss                0.3020\n"
            "calibration error       0.2333\n"
            "\n"
            "class  photos  predicted  right  average precision  precision  recall     F1\n"
            "red         1          2      1              1.000      0.500   1.000  0.667\n"
            "green       1          1      1              1.000      1.000   1.000  1.000\n"
            "blue        0          0      0                  -          -       -      -\n");
  EXPECT_TRUE(to_json(e)["classes"][2]["average_precision"].is_null());
}

}  // namespace
}  // namespace graft::eval

#include "graft/head/multi_label.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "head/made_data.h"

namespace graft::head {
namespace {

using nlohmann::json;

TEST(MultiLabelHead, AgreesWithNewtonsMethod) {
  std::size_t seen = 0;
  for (const json& golden : json::parse(std::ifstream(GRAFT_TESTS "/head/multi_label.json"))) {
    const auto values = golden["values"].get<std::vector<float>>(), targets = golden["targets"].get<std::vector<float>>();
    const auto weights = golden["weights"].get<std::vector<double>>();
    const std::size_t width = golden["width"];
    ThreadPool pool(2);
    const LinearHead head =
        fit_multi_label({values, weights.size(), width}, targets, 3, {.l2 = golden["l2"], .balanced = golden["balanced"], .weights = weights}, pool);
    ASSERT_EQ(head.classes, 3U);
    for (std::size_t k = 0; k < 3; ++k) {
      const auto expected = golden["weight"][k].get<std::vector<double>>();
      for (std::size_t c = 0; c < width; ++c) EXPECT_NEAR(head.weight[k * width + c], expected[c], 1e-5) << k << " " << c;
      EXPECT_NEAR(head.bias[k], golden["bias"][k].get<double>(), 1e-5);
    }
    ++seen;
  }
  EXPECT_EQ(seen, 3U);
}

/// Two classes without a photo of both or neither are one class each, in other words.
TEST(MultiLabelHead, ChoosesItsPenaltyWhateverTheThreads) {
  const Made data = make_data(90, 12, 3);
  std::vector<float> targets;
  for (const int label : data.labels)
    for (int k = 0; k < 3; ++k) targets.push_back(label == k ? 1.0F : 0.0F);
  ThreadPool one(1), three(3);
  const L2Choice a = choose_l2(data.features(), targets, 3, MultiLabelOptions{}, 4, one),
                 b = choose_l2(data.features(), targets, 3, MultiLabelOptions{}, 4, three);
  EXPECT_EQ(a.folds, 5);
  ASSERT_GE(a.path.size(), 3U);
  EXPECT_EQ(a.l2, b.l2);
  double least = a.path[0].log_loss;
  for (std::size_t i = 0; i < a.path.size(); ++i) {
    EXPECT_EQ(a.path[i].log_loss, b.path[i].log_loss);
    least = std::min(least, a.path[i].log_loss);
    EXPECT_TRUE(a.path[i].accuracy >= 0.5 && a.path[i].accuracy <= 1);
  }
  const auto chosen = std::ranges::find(a.path, a.l2, &L2Score::l2);
  ASSERT_NE(chosen, a.path.end());
  EXPECT_EQ(chosen->log_loss, least);
  EXPECT_LT(least, std::log(2.0)) << "it learns";
  const LinearHead head = fit_multi_label(data.features(), targets, 3, {.l2 = a.l2}, one),
                   other = fit_multi_label(data.features(), targets, 3, {.l2 = a.l2}, three);
  EXPECT_EQ(head.weight, other.weight);
}

TEST(MultiLabelHead, WrongCallsAreLogicErrors) {
  ThreadPool pool(1);
  const std::vector<float> values(20), targets(8), other(9);
  EXPECT_THROW(fit_multi_label({values, 4, 5}, other, 2, {.l2 = 1}, pool), std::logic_error);
  EXPECT_THROW(fit_multi_label({values, 4, 5}, targets, 2, {}, pool), std::logic_error);
  EXPECT_THROW(choose_l2({values, 5, 5}, targets, 2, MultiLabelOptions{}, 1, pool), std::logic_error);
}

}  // namespace
}  // namespace graft::head

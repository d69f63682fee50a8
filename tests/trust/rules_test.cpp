#include "graft/trust/rules.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "error_text.h"
#include "graft/trust/decide.h"

namespace graft::trust {
namespace {

using nlohmann::json;

Rules whole() {
  return {.calibration = Calibration{1.25, Basis::cross_validation, 195},
          .sets = Sets{0.9, {0.5, std::numeric_limits<double>::infinity()}, {true, false}, Basis::validation, 60},
          .costs = Costs{2, {0, 1, 20, 0}}};
}

std::string error(const json& rules, const data::Task& task = {}) {
  return test::error_of([&] { rules_from_json(rules, task, 2, "model.onnx"); });
}

const std::string kHint = "; use a model.onnx made by `graft fit`, or a newer graft";

TEST(Rules, AreTheSameAfterTheFile) {
  const std::string text = to_json(whole()).dump();
  EXPECT_EQ(text, R"({"calibration":{"temperature":1.25,"on":"cross-validation","photos":195},"sets":{"coverage":0.9,"on":"validation","photos":60,)"
                  R"("thresholds":[0.5,null],"of_the_class_alone":[true,false]},"costs":[[0.0,1.0],[20.0,0.0]]})");
  const Rules read = rules_from_json(json::parse(text), {}, 2, "model.onnx");
  EXPECT_EQ(to_json(read).dump(), text);
  EXPECT_TRUE(std::isinf(read.sets->thresholds[1]));
  EXPECT_FALSE(read.empty());
  EXPECT_TRUE(rules_from_json(json::object(), {}, 2, "model.onnx").empty());
}

TEST(Rules, DamagedOnesAreNamed) {
  EXPECT_EQ(error(json::array()), "data: model.onnx: its trust metadata is not a JSON object" + kHint);
  EXPECT_EQ(error({{"hope", 1}}), "data: model.onnx: its trust metadata has an unknown key 'hope'" + kHint);
  json rules = to_json(whole());
  const auto with = [&](const char* part, const char* key, const json& value) {
    json wrong = rules;
    wrong[part][key] = value;
    return error(wrong);
  };
  EXPECT_EQ(with("calibration", "temperature", 0),
            "data: model.onnx: its trust metadata 'calibration.temperature' is 0, expected a number above 0" + kHint);
  EXPECT_EQ(with("calibration", "photos", -3),
            "data: model.onnx: its trust metadata 'calibration.photos' is -3, expected a whole number of at least 1" + kHint);
  EXPECT_EQ(
      with("calibration", "on", "hope"),
      "data: model.onnx: its trust metadata 'calibration.on' is \"hope\", expected \"cross-validation\", \"validation\" or \"other photos\"" + kHint);
  EXPECT_EQ(with("calibration", "more", 1), "data: model.onnx: its trust metadata has an unknown key 'calibration.more'" + kHint);
  EXPECT_EQ(with("sets", "coverage", 1), "data: model.onnx: its trust metadata 'sets.coverage' is 1, expected a number between 0 and 1" + kHint);
  EXPECT_EQ(with("sets", "thresholds", {0.5}),
            "data: model.onnx: its trust metadata 'sets.thresholds' is [0.5], expected 2 numbers of at least 0, or null" + kHint);
  EXPECT_EQ(with("sets", "of_the_class_alone", {1, 0}),
            "data: model.onnx: its trust metadata 'sets.of_the_class_alone' is [1,0], expected true or false, 2 times" + kHint);
  rules["sets"].erase("on");
  EXPECT_EQ(error(rules), "data: model.onnx: its trust metadata lacks 'sets.on'" + kHint);
  EXPECT_EQ(error({{"costs", {{0, 1}, {-1, 0}}}}),
            "data: model.onnx: its trust metadata 'costs' is [[0,1],[-1,0]], expected 2 rows of 2 numbers of at least 0" + kHint);
  EXPECT_EQ(error({{"costs", {{0, 1}, {1, 0}}}}, data::MultiLabel{}),
            "data: model.onnx: its trust metadata 'costs' is [[0,1],[1,0]], expected none, because photos have several classes" + kHint);
}

TEST(Decide, SaysTheMostProbableWithoutRules) {
  const std::vector<float> p{0.2F, 0.8F};
  const Decision decision = decide({}, data::SingleLabel{}, {p, p});
  EXPECT_EQ(decision.classes, std::vector<int>{1});
  EXPECT_FALSE(decision.cost || decision.set);
  EXPECT_EQ(decide({}, data::MultiLabel{}, {p, p}).classes, std::vector<int>{1});
}

TEST(Decide, ByCostsSaysTheCheapestAndKeepsTheSetOfTheProbabilities) {
  const std::vector<float> p{0.9F, 0.1F};
  const Decision decision = decide(whole(), data::SingleLabel{}, {p, p});
  EXPECT_EQ(decision.classes, std::vector<int>{1});
  EXPECT_NEAR(*decision.cost, 0.9, 1e-6);
  EXPECT_EQ(*decision.set, (std::vector<int>{0, 1}));
}

TEST(Decide, OfManyPhotosEachByItsRow) {
  const std::vector<float> p{0.9F, 0.1F, 0.3F, 0.7F};
  const std::vector<Decision> all = decide_all({}, data::SingleLabel{}, 2, p, p);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].classes, std::vector<int>{0});
  EXPECT_EQ(all[1].classes, std::vector<int>{1});
}

}  // namespace
}  // namespace graft::trust

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "graft/eval/evaluation.h"

namespace graft::eval {
namespace {

Evaluation cells() {
  const std::vector<float> p{0.75F, 0.25F, 0, 0.5F, 0.5F, 0, 0.25F, 0.75F, 0, 1, 0, 0};
  return evaluate(p, std::vector<int>{0, 0, 1, 1}, std::vector<std::string>{"défaut", "ok", "猫\n"});
}

TEST(ToTable, AlignsUtf8AndShowsUndefinedAsADash) {
  EXPECT_EQ(to_table(cells()),
            "accuracy           75.0 % (3 of 4; 95 % interval 30.1 to 95.4 %)\n"
            "always défaut      50.0 %, the largest class each time\n"
            "balanced accuracy  75.0 %\n"
            "macro F1           0.733\n"
            "AUROC              0.500\n"
            "log loss           8.9518\n"
            "calibration error  0.5000\n"
            "\n"
            "class   photos  predicted  right  precision  recall     F1\n"
            "défaut       2          3      2      0.667   1.000  0.800\n"
            "ok           2          1      1      1.000   0.500  0.667\n"
            "猫\\x0a        0          0      0          -       -      -\n"
            "\n"
            "true \\ predicted  défaut  ok  猫\\x0a\n"
            "défaut                 2   0      0\n"
            "ok                     1   1      0\n"
            "猫\\x0a                  0   0      0\n");
}

TEST(ToTable, UnevenClassesSayThatBalancedAccuracyCounts) {
  const std::vector<float> p{1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0};
  const auto table = [&](std::vector<int> labels) {
    return to_table(evaluate(std::span(p).first(labels.size() * 3), labels, std::vector<std::string>{"intact", "broken", "none"}));
  };
  EXPECT_TRUE(table({0, 0, 0, 1})
                  .starts_with("accuracy           75.0 % (3 of 4; 95 % interval 30.1 to 95.4 %)\n"
                               "always intact      75.0 %, the largest class each time\n"
                               "balanced accuracy  50.0 %, every class alike: their sizes differ by 3.0 times\n"));
  EXPECT_NE(table({0, 0, 1}).find("balanced accuracy  50.0 %\n"), std::string::npos);
  EXPECT_NE(table({0}).find("always intact      100.0 %, the"), std::string::npos);
}

TEST(ToTable, ManyClassesShowTheWeakestAndTheMostConfused) {
  const std::size_t classes = 21;
  std::vector<std::string> names;
  std::vector<float> p;
  std::vector<int> labels;
  const auto add = [&](int label, std::size_t predicted) {
    labels.push_back(label);
    for (std::size_t k = 0; k < classes; ++k) p.push_back(k == predicted ? 1.0F : 0.0F);
  };
  for (std::size_t k = 0; k < classes; ++k) {
    names.push_back("c" + std::to_string(k));
    for (int i = 0; i < 8; ++i) add(static_cast<int>(k), k);
  }
  for (int i = 0; i < 3; ++i) add(20, 7);
  add(2, 5);
  const std::string table = to_table(evaluate(p, labels, names));
  EXPECT_EQ(table.substr(table.find("\n\n")),
            "\n\nweakest 10 of 21 classes\n"
            "class  photos  predicted  right  precision  recall     F1\n"
            "c7          8         11      8      0.727   1.000  0.842\n"
            "c20        11          8      8      1.000   0.727  0.842\n"
            "c2          9          8      8      1.000   0.889  0.941\n"
            "c5          8          9      8      0.889   1.000  0.941\n"
            "c0          8          8      8      1.000   1.000  1.000\n"
            "c1          8          8      8      1.000   1.000  1.000\n"
            "c3          8          8      8      1.000   1.000  1.000\n"
            "c4          8          8      8      1.000   1.000  1.000\n"
            "c6          8          8      8      1.000   1.000  1.000\n"
            "c8          8          8      8      1.000   1.000  1.000\n"
            "\nmost confused pairs\n"
            "true  predicted  photos\n"
            "c20   c7              3\n"
            "c2    c5              1\n");
  EXPECT_NE(table.find("top-5 accuracy "), std::string::npos);
}

TEST(ToJson, HoldsEveryNumber) {
  const nlohmann::json json = to_json(cells());
  EXPECT_EQ(json["count"], 4);
  EXPECT_EQ(json["right"], 3);
  EXPECT_EQ(json["accuracy"], 0.75);
  EXPECT_NEAR(json["accuracy_interval"][0], 0.3006, 1e-4);
  EXPECT_EQ(json["largest_class"], nlohmann::json::parse(R"({"name": "défaut", "accuracy": 0.5})"));
  EXPECT_FALSE(json.contains("top5"));
  EXPECT_EQ(json["classes"][2]["name"], "猫\\x0a");
  EXPECT_EQ(json["classes"][1]["recall"], 0.5);
  EXPECT_EQ(json["confusion"], nlohmann::json::parse("[[2,0,0],[1,1,0],[0,0,0]]"));
}

}  // namespace
}  // namespace graft::eval

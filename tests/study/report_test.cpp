#include "graft/study/report.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace graft::study {
namespace {

/// A run with so many right first, out of 100 images of two labels; `shift`: the images that it has wrong begin there.
Outcome outcome(int right, int shift = 0) {
  Outcome o{.run = "run"};
  for (int i = 0; i < 100; ++i) {
    o.paths.push_back(std::to_string(1000 + i));
    o.labels.push_back(i < 80 ? "many" : "few");
    o.right.push_back((i + shift) % 100 < right);
  }
  return o;
}

TEST(Report, OfSingleRunsIsMcNemars) {
  const Report r = make_report({"full", "scratch", "head"}, {{outcome(90)}, {outcome(60)}, {outcome(91)}}, "accuracy", 0);
  ASSERT_EQ(r.rows.size(), 3U);
  EXPECT_EQ(r.images, 100U);
  EXPECT_FALSE(r.rows[0].difference);
  EXPECT_NEAR(r.rows[0].value, 0.9, 1e-12);
  EXPECT_NEAR(r.rows[0].interval.low, 0.8256, 1e-4);
  EXPECT_NEAR(r.rows[1].difference->mean, -0.3, 1e-12);
  EXPECT_LT(r.rows[1].difference->p, 1e-6);
  EXPECT_EQ(r.rows[2].difference->p, 1);
  EXPECT_EQ(best_row(r), 0U);
  EXPECT_EQ(verdicts(r), (std::vector<std::string>{"transfer helps: scratch is worse than full by 0.300 (-0.392 to -0.206, p < 0.001)",
                                                   "head and full do not differ beyond chance: +0.010 (-0.020 to +0.049, p 1.000)"}));
}

TEST(Report, NegativeTransferIsSaidAndTheBetterModelWins) {
  const Report r = make_report({"head", "scratch", "full"}, {{outcome(60)}, {outcome(90)}, {outcome(95)}}, "accuracy", 0);
  EXPECT_EQ(best_row(r), 2U);
  EXPECT_TRUE(verdicts(r)[0].starts_with("NEGATIVE TRANSFER: from random weights the same network is better than head by 0.300 ("));
  EXPECT_TRUE(verdicts(r)[1].starts_with("full is better than head by 0.350 ("));
}

/// Repeats with images of their own.
std::vector<Outcome> repeats(const std::vector<int>& right) {
  std::vector<Outcome> runs;
  for (const int count : right) {
    runs.push_back(outcome(count));
    for (std::string& path : runs.back().paths) path += "/" + std::to_string(runs.size());
  }
  return runs;
}

TEST(Report, OfSeveralRunsIsStudents) {
  const std::vector<std::vector<Outcome>> runs{repeats({40, 55, 45}), repeats({70, 90, 85})};
  const Report r = make_report({"without", "mixup"}, runs, "accuracy", 0);
  EXPECT_NEAR(r.rows[0].value, 1.4 / 3, 1e-12);
  EXPECT_NEAR(r.rows[0].interval.high, 1.4 / 3 + 4.302652729749462 * std::sqrt(0.0175 / 3 / 3), 1e-9);
  EXPECT_NEAR(r.rows[1].difference->mean, 0.35, 1e-12);  // 30, 35, 40
  EXPECT_NEAR(r.rows[1].difference->interval.low, 0.35 - 4.302652729749462 * 0.05 / std::sqrt(3), 1e-9);
  EXPECT_TRUE(r.rows[1].better());
  EXPECT_FALSE(make_report({"without", "mixup"}, runs, "accuracy", 3).rows[1].differs()) << "the runs share their photos";
}

TEST(Report, OfRunsThatAgreeIsNoSurerThanTheirImages) {
  const Report r = make_report({"without", "mixup"}, {repeats({100, 100}), repeats({100, 100})}, "accuracy", 0);
  EXPECT_EQ(r.rows[0].interval.high, 1);
  EXPECT_NEAR(r.rows[0].interval.low, 1 - 1.962339 * std::sqrt(201.0 / 202 / 202 / 201), 1e-5);
  EXPECT_NEAR(r.rows[1].difference->interval.low, -1.962339 * std::sqrt(2.0 / 201 / 202), 1e-5);
  EXPECT_EQ(r.rows[1].difference->p, 1);
}

TEST(Report, RunsOnTheSameImagesHaveTheirErrorToo) {
  const std::vector<Outcome> off = {outcome(80), outcome(80), outcome(80)}, on = {outcome(84), outcome(84), outcome(84)};
  const Report r = make_report({"off", "on"}, {off, on}, "accuracy", 0);
  const double error = std::sqrt((6 - 16.0 / 102) / 101 / 102);  // 4 of 100 images differ, in every run; one more and one less is added
  EXPECT_NEAR(r.rows[1].difference->interval.low, 0.04 - 1.962339 * error, 1e-5);
  EXPECT_NEAR(r.rows[0].interval.low, 0.8 - 1.962339 * std::sqrt(81.0 / 102 * 21 / 102 / 101), 1e-5);
}

TEST(Report, ManyOptionsMustBeMoreSure) {
  const std::vector<Outcome> off = repeats({80, 80, 80}), on = repeats({82, 83, 84});
  const double alone = make_report({"off", "a"}, {off, on}, "accuracy", 0).rows[1].difference->p;
  const Report three = make_report({"off", "a", "b", "c"}, {off, on, on, on}, "accuracy", 0);
  EXPECT_NEAR(three.rows[1].difference->p, 3 * alone, 1e-12);
}

TEST(Report, BalancedAccuracyCountsLabelsAlike) {
  const Report r = make_report({"off", "on"}, {repeats({80, 80}), repeats({90, 90})}, "balanced-accuracy", 0);
  EXPECT_NEAR(r.rows[0].value, 0.5, 1e-12);  // all of the many, none of the few
  EXPECT_NEAR(r.rows[1].difference->mean, 0.25, 1e-12);
}

/// Of 100 images, each with this loss or its double.
Outcome losses(double loss, int shift = 0) {
  Outcome o = outcome(90, shift);
  o.classes = {"many", "few"};
  for (int i = 0; i < 100; ++i) o.losses.push_back(i % 2 == 0 ? loss : 2 * loss);
  return o;
}

TEST(Report, OfALossTheLowerIsBetter) {
  const Report r = make_report({"off", "worse", "on", "best"}, {{losses(0.2)}, {losses(0.4)}, {losses(0.1)}, {losses(0.05)}}, "log-loss", 0);
  EXPECT_NEAR(r.rows[0].value, 0.3, 1e-12);
  const double error = 0.05 * std::sqrt(100.0 / 99) / std::sqrt(100.0) * 2;  // of a mean the jackknife is the standard error
  EXPECT_NEAR(r.rows[0].interval.high - 0.3, 1.9623 * error, 1e-4);
  EXPECT_NEAR(r.rows[2].difference->mean, -0.15, 1e-12);
  EXPECT_TRUE(r.rows[2].better());
  EXPECT_FALSE(r.rows[1].better());
  EXPECT_TRUE(r.rows[1].differs());
  EXPECT_EQ(best_row(r), 3U);
  EXPECT_EQ(to_json(r)["metric"], "log_loss");
}

TEST(Report, OfSeveralRunsByAnotherScoreHasTheErrorOfItsImages) {
  const std::vector<std::vector<Outcome>> runs{{losses(0.2), losses(0.2)}, {losses(0.1), losses(0.1)}};
  const Report r = make_report({"off", "on"}, runs, "log-loss", 0);
  EXPECT_NEAR(r.rows[1].difference->mean, -0.15, 1e-12);
  EXPECT_TRUE(r.rows[1].better());
  EXPECT_NEAR(r.rows[1].difference->interval.low, -0.15986, 1e-4) << "equal runs are no proof: the photos are few";
}

TEST(Report, SaysWhatLeakedOfTheWorstRunOfARow) {
  std::vector<Outcome> off = repeats({80, 80}), on = repeats({82, 83});
  off[0].leaked = fit::LeakedImages{1, 0, 100, 0.8};
  off[1].leaked = fit::LeakedImages{2, 3, 100, 0.75};
  const Report r = make_report({"off", "on"}, {off, on}, "accuracy", 0);
  const std::string sentence =
      "off (the worst of 2 runs): 5 of the 100 validation photos are also in training (3 of them almost): without them the accuracy is 75.0 %; "
      "--dedupe-near takes the copies out of training";
  EXPECT_EQ(leaks(r), std::vector<std::string>{sentence});
  EXPECT_EQ(to_json(r)["leaks"], nlohmann::json{sentence});
  EXPECT_TRUE(to_markdown(r).ends_with("|\n\n" + sentence + "\n"));
  EXPECT_TRUE(leaks(make_report({"on"}, {on}, "accuracy", 0)).empty());
}

TEST(Report, AsTableMarkdownAndJson) {
  const Report r = make_report({"full", "scratch"}, {{outcome(90)}, {outcome(60)}}, "accuracy", 0);
  EXPECT_EQ(to_table(r),
            "         accuracy            95 %  difference              95 %        p\n"
            "full        0.900  0.826 to 0.945\n"
            "scratch     0.600  0.502 to 0.691      -0.300  -0.392 to -0.206  < 0.001\n");
  EXPECT_EQ(to_markdown(r),
            "|  | accuracy | 95 % | difference | 95 % | p |\n| --- | --- | --- | --- | --- | --- |\n"
            "| full | 0.900 | 0.826 to 0.945 |  |  |  |\n"
            "| scratch | 0.600 | 0.502 to 0.691 | -0.300 | -0.392 to -0.206 | < 0.001 |\n");
  const auto json = to_json(r);
  EXPECT_EQ(json["metric"], "accuracy");
  EXPECT_EQ(json["rows"][1]["name"], "scratch");
  EXPECT_NEAR(json["rows"][1]["difference"]["mean"].get<double>(), -0.3, 1e-12);
  EXPECT_FALSE(json["rows"][0].contains("difference"));
}

}  // namespace
}  // namespace graft::study

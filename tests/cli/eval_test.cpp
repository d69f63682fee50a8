// `graft eval` and `graft compare --data` on a head of few photos: sections, folders of mistakes, and what is refused.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <set>

#include "cli/program.h"

namespace graft {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Words = std::vector<std::string>;

class Eval : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    made_ = new TestFolder;
    make_photos(*made_ / "photos", {"ants", "bees"}, 12);
    // What it is to be wrong about: names that are hard on a file system, labels that are not true.
    const std::string csv = "path,label\n";
    std::string wrong = csv + "photos/ants/0.bmp,ants\nphotos/bees/0.bmp,bees\n";
    for (int i = 1; i < 4; ++i) wrong += "photos/ants/" + std::to_string(i) + ".bmp,bees\n";
    fs::create_directories(*made_ / "deep");
    const std::string hostile = "deep/-rf \"a\\b;" + std::string(230, 'x') + ".bmp";
    fs::copy_file(*made_ / "photos/ants/5.bmp", *made_ / hostile);
    fs::copy_file(*made_ / "photos/ants/1.bmp", *made_ / "deep/1.bmp");
    wrong += "\"deep/-rf \"\"a\\b;" + std::string(230, 'x') + ".bmp\",bees\ndeep/1.bmp,bees\n";
    write_file(*made_ / "wrong.csv", wrong);
    for (const char* name : {"one", "two"})
      run(*made_, {"fit", "photos", "--strategy", "head", "--size", "64", "--precision", "float32", "--out", name, "--seed",
                   name == Words{"one"}[0] ? "0" : "1"});
  }
  static void TearDownTestSuite() {
    delete made_;
    made_ = nullptr;
  }
  static Finished graft(const Words& words) { return run(*made_, words); }
  static void refuse(const Words& words, int exit_code, const std::string& line) { expect_refused(graft(words), exit_code, line); }

  inline static TestFolder* made_ = nullptr;
};

TEST_F(Eval, AllMetricsAndJsonHaveEveryNumberWithItsInterval) {
  const Finished table = graft({"eval", "one", "wrong.csv", "-q", "--all-metrics"});
  ASSERT_EQ(table.exit_code, 0) << table.err;
  for (const char* line : {"\nAUROC ", "\nMatthews correlation ", "\nadaptive calibration error ", "\nconfidence  ",
                           "\nintervals: 1,000 samples of the photos of each class"})
    EXPECT_NE(table.out.find(line), std::string::npos) << line << "\n" << table.out;
  const json all = json::parse(graft({"eval", "one", "wrong.csv", "-q", "--json"}).out);
  EXPECT_EQ(all["count"], 7);
  EXPECT_EQ(all["right"], 2);
  EXPECT_EQ(all["bootstrap"], json::parse(R"({"drawn": "photos of each class", "rankings": true, "resamples": 1000, "seed": 0})"));
  EXPECT_EQ(all["intervals"]["accuracy"], all["accuracy_interval"]);
  EXPECT_EQ(all["reliability"].size(), 15U);
  EXPECT_TRUE(all["intervals"].contains("brier"));
  EXPECT_EQ(json::parse(std::string(as_text(read_file(*made_ / "one/eval.json"))))["bootstrap"]["resamples"], 1000);
  const json grouped = json::parse(graft({"eval", "one", "wrong.csv", "-q", "--json", "--group-from-name", "^(.)"}).out);
  EXPECT_EQ(grouped["bootstrap"]["drawn"], "groups");
}

TEST_F(Eval, OperatingPointsSayHowTheThresholdWasFound) {
  const Finished done = graft({"eval", "one", "photos", "-q", "--at-recall", "ants=0.9"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_NE(done.out.find("% (12 of 12;"), std::string::npos) << done.out;
  EXPECT_NE(done.out.find("makes all three optimistic: measure other photos with --at-threshold 'ants=0."), std::string::npos) << done.out;
  const json point = json::parse(graft({"eval", "one", "photos", "-q", "--json", "--at-threshold", "bees=0"}).out)["operating_points"][0];
  EXPECT_EQ(point["sensitivity"]["value"], 1);
  EXPECT_EQ(point["specificity"]["value"], 0);
  EXPECT_EQ(point["threshold_from"], "given");
}

TEST_F(Eval, MistakesAreLinkedTheMostConfidentFirst) {
  const Finished done = graft({"eval", "one", "wrong.csv", "--errors", "mistakes"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_NE(done.err.find("mistakes: links to 5 mistakes, the most confident first\n"), std::string::npos) << done.err;
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(*made_ / "mistakes")) names.push_back(entry.path().filename());
  std::ranges::sort(names);
  ASSERT_EQ(names.size(), 5U);
  double before = 1;
  for (std::size_t i = 0; i < names.size(); ++i) {
    EXPECT_TRUE(names[i].starts_with("00" + std::to_string(i + 1) + "-")) << names[i];
    EXPECT_NE(names[i].find("-true-bees-said-ants-"), std::string::npos) << names[i];
    EXPECT_LE(names[i].size(), 255U);
    EXPECT_EQ(names[i].find('\\'), std::string::npos) << names[i];
    const double confidence = std::stod(names[i].substr(4));
    EXPECT_LE(confidence, before);
    before = confidence;
  }
  fs::rename(*made_ / "mistakes", *made_ / "deep/moved");
  for (const std::string& name : names)
    EXPECT_TRUE(fs::is_regular_file(*made_ / "deep/moved" / name)) << "a link that was moved still leads to the photo";
  fs::create_directories(*made_ / "copies");
  ASSERT_EQ(graft({"eval", "one", "wrong.csv", "-q", "--errors", "copies", "--copy"}).exit_code, 0) << "an empty folder is taken";
  for (const auto& entry : fs::directory_iterator(*made_ / "copies")) EXPECT_FALSE(entry.is_symlink());
  EXPECT_NE(graft({"eval", "one", "photos", "--errors", "none"}).err.find("none: not made, because there is no mistake\n"), std::string::npos);
  EXPECT_FALSE(fs::exists(*made_ / "none"));
}

TEST_F(Eval, WhatMeansNothingIsRefusedBeforeTheWork) {
  refuse({"eval", "one", "photos", "--top-k", "2"}, 2, "--top-k 2: the model has 2 classes, so that every answer would be right; choose at most 1");
  refuse({"eval", "one", "photos", "--at-recall", "ant=0.9"}, 2,
         "--at-recall ant=0.9: the model has no class 'ant', expected one of 'ants', 'bees'; did you mean ants?");
  refuse({"eval", "one", "photos", "--at-recall", "ants"}, 2, "--at-recall ants: expected CLASS=NUMBER; write --at-recall ants=0.95");
  refuse({"eval", "one", "photos", "--at-recall", "ants=0"}, 2, "--at-recall ants=0: 0 is out of range, expected more than 0 and at most 1");
  refuse({"eval", "one", "photos", "--at-threshold", "ants=1.5"}, 2,
         "--at-threshold ants=1.5: 1.5 is out of range, expected at least 0 and at most 1");
  refuse({"eval", "one", "photos", "--errors", "photos"}, 1, "photos: is not empty; choose another --errors, or empty it");
  refuse({"eval", "one", "photos", "--errors", "wrong.csv"}, 1, "wrong.csv: is a file, expected an empty folder or nothing; choose another --errors");
  refuse({"eval", "one", "photos", "--copy"}, 2, "--copy: changes how --errors writes, but --errors is not given; pass --errors DIR, too");
}

TEST_F(Eval, TwoModelsAreComparedOnOtherPhotos) {
  const Finished done = graft({"compare", "one", "two", "--data", "wrong.csv", "--metric", "balanced-accuracy", "--csv", "differ.csv", "-q"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  for (const char* line :
       {"7 photos\n", "one was trained on ", "\n1: one\n2: two\n", "\naccuracy: ", "\nbalanced accuracy: ", "McNemar's exact test"})
    EXPECT_NE(done.out.find(line), std::string::npos) << line << "\n" << done.out;
  EXPECT_TRUE(std::string(as_text(read_file(*made_ / "differ.csv"))).starts_with("path,label,first,second,first_loss,second_loss\n"));
  const json same = json::parse(graft({"compare", "one", "one", "--data", "wrong.csv", "--json", "-q"}).out);
  EXPECT_EQ(same["accuracy"]["difference"], 0);
  EXPECT_EQ(same["p"], 1);
  EXPECT_EQ(same["differ"], json::array());
  EXPECT_LT(same["accuracy"]["interval"][0], 0) << "equal answers to seven photos are no equal models";
}

TEST_F(Eval, ModelsThatCannotBeComparedAreRefused) {
  make_photos(*made_ / "others", {"ants", "wasps"}, 12);
  ASSERT_EQ(graft({"fit", "others", "--strategy", "head", "--size", "64", "-q", "--out", "other"}).exit_code, 0);
  refuse({"compare", "one", "other", "--data", "photos"}, 1,
         "other: has different classes from one: it lacks 'bees', and it has 'wasps' besides; compare models of the same classes");
  refuse({"compare", "one", "two", "one", "--data", "photos"}, 2, "--data: 3 models given, expected two; compare each of the others with the first");
  refuse({"compare", "one", "two", "--csv", "x.csv"}, 2, "--csv: is for photos that are measured, but without --data none are; pass --data, too");
  refuse({"compare", "one", "two", "--data", "photos", "--metric", "map"}, 2,
         "--metric map: is not a score for single-label photos, expected accuracy, balanced-accuracy, macro-f1, auroc, kappa, mcc, log-loss, brier, "
         "ece; "
         "choose "
         "one of these");
}

}  // namespace
}  // namespace graft

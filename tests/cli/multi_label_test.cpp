// Photos of any number of classes, by the real program, from the table to the answers.
#include <gtest/gtest.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/program.h"

namespace graft {
namespace {

using Words = std::vector<std::string>;
using nlohmann::json;
namespace fs = std::filesystem;

constexpr const char* kNames[] = {"blue", "green", "red"};

/// Grey noise with a square for each bit of `what`: blue, green, red, each in its own quarter.
std::string squares(int what, int number) {
  constexpr int kSide = 64;
  std::vector<uint8_t> rgb;
  uint32_t noise = static_cast<uint32_t>(what * 7919 + number * 104729 + 1);
  for (int y = 0; y < kSide; ++y)
    for (int x = 0; x < kSide; ++x) {
      noise = noise * 1664525U + 1013904223U;
      const int quarter = 2 * (y / (kSide / 2)) + x / (kSide / 2);
      const bool inside = quarter < 3 && (what >> quarter & 1) != 0 && y % 32 > 3 && x % 32 > 3;
      for (int c = 0; c < 3; ++c) rgb.push_back(inside ? (c == 2 - quarter ? 250 : 10) : static_cast<uint8_t>(110 + (noise >> 28)));
    }
  return bmp(rgb, kSide, kSide);
}

std::string label(int what) {
  std::string text;
  for (int k = 0; k < 3; ++k)
    if ((what >> k & 1) != 0) text += (text.empty() ? "" : ";") + std::string(kNames[k]);
  return text;
}

class MultiLabel : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    made_ = new TestFolder;
    std::string csv = "path,label\n", holdout = csv;
    for (int i = 0; i < 64; ++i) {
      const std::string name = "photos/" + std::to_string(i) + ".bmp";
      write_file(*made_ / name, squares(i % 8, i));
      (i < 48 ? csv : holdout) += name + ",\"" + label(i % 8) + "\"\n";
    }
    write_file(*made_ / "labels.csv", csv);
    write_file(*made_ / "holdout.csv", holdout);
    head_ = run(*made_, with({"--strategy", "head", "--out", "head"}));
  }
  static void TearDownTestSuite() {
    delete made_;
    made_ = nullptr;
  }

  static Words with(const Words& more) {
    Words words{"fit", "labels.csv", "--size", "64", "--precision", "float32", "--threads", "2"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  static std::string text(const std::string& name) { return std::string(as_text(read_file(*made_ / name))); }
  static void refuse(const Words& more, int exit_code, const std::string& line) {
    Words words = with({"-q", "--out", "runs/none"});
    words.insert(words.end(), more.begin(), more.end());
    expect_refused(run(*made_, words), exit_code, line);
    EXPECT_FALSE(fs::exists(*made_ / "runs"));
  }
  static json eval(const std::string& model) {
    const Finished done = run(*made_, {"eval", model, "holdout.csv", "--json", "-q"});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    return done.exit_code == 0 ? json::parse(done.out) : json();
  }

  inline static TestFolder* made_ = nullptr;
  inline static Finished head_;
};

TEST_F(MultiLabel, AHeadLearnsWhatIsOnPhotos) {
  ASSERT_EQ(head_.exit_code, 0) << head_.err;
  EXPECT_NE(head_.err.find("multi-label: 1.5 of 3 classes per photo on average, at most 3\n"), std::string::npos) << head_.err;
  EXPECT_NE(head_.err.find("\nclass  training  validation\nblue "), std::string::npos) << head_.err;
  EXPECT_NE(head_.out.find(" validation photos\nmean average precision  "), std::string::npos) << head_.out;
  const json found = eval("head");
  EXPECT_EQ(found["task"], "multi-label");
  EXPECT_EQ(found["count"], 16);
  EXPECT_GT(found["mean_average_precision"].get<double>(), 0.95);
  EXPECT_GT(found["micro_f1"].get<double>(), 0.9);
  EXPECT_EQ(found["classes"][0]["name"], "blue");
  EXPECT_EQ(json::parse(text("head/eval.json"))["task"], "multi-label");
  EXPECT_TRUE(text("head/predictions.csv").starts_with("path,label,predicted,loss,probability of blue,probability of green,probability of red\n"));
  EXPECT_NE(text("head/model.onnx").find("graft.task"), std::string::npos);
  const json again = json::parse(run(*made_, {"eval", "head", "head/predictions.csv", "--json", "-q"}).out);
  EXPECT_EQ(again["log_loss"], json::parse(text("head/eval.json"))["log_loss"]) << "it is a table of labeled photos itself";
  const Finished table = run(*made_, {"eval", "head", "holdout.csv", "-q"});
  EXPECT_NE(table.out.find("class  photos  predicted  right  average precision  precision  recall     F1\nblue "), std::string::npos) << table.out;
}

TEST_F(MultiLabel, OfFewPhotosAutoIsTheHeadAndSaysWhy) {
  const Finished done = run(*made_, with({"--imbalance", "auto", "--out", "chosen"}));
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_NE(done.out.find("strategy head (chosen: 19 photos in the smallest class: fewer than 20 per class)"), std::string::npos) << done.out;
  EXPECT_GT(eval("chosen")["mean_average_precision"].get<double>(), 0.95);
}

TEST_F(MultiLabel, WhereThereAreEnoughPhotosATrialDecides) {
  const Finished done = run(*made_, with({"--val", "holdout.csv", "--epochs", "1", "--views", "1", "--out", "tried"}));
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_NE(done.err.find("full fine-tuning has "), std::string::npos) << done.err;
  const json trials = json::parse(text("tried/history.json"))["phases"][0]["trials"];
  ASSERT_EQ(trials.size(), 1);
  EXPECT_EQ(trials[0]["trained_on"], 34);
  EXPECT_FALSE(fs::exists(*made_ / "tried-trial"));
}

TEST_F(MultiLabel, PredictionsNameTheClassesFromHalfOn) {
  const Finished done = run(*made_, {"predict", "head", "photos/63.bmp", "photos/56.bmp", "-q"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  std::istringstream lines(done.out);
  std::string all, none;
  std::getline(lines, all);
  std::getline(lines, none);
  for (const char* name : kNames) EXPECT_NE(all.find(name), std::string::npos) << all;
  EXPECT_TRUE(none.starts_with("photos/56.bmp  none with at least 50 %; most likely ")) << none;
  const Finished csv = run(*made_, {"predict", "head", "photos/63.bmp", "photos/56.bmp", "-q", "--csv"});
  EXPECT_TRUE(csv.out.starts_with("path,label,probability of blue,probability of green,probability of red\nphotos/63.bmp,blue;green;red,0."))
      << csv.out;
  EXPECT_NE(csv.out.find("\nphotos/56.bmp,,0."), std::string::npos) << csv.out;
  const json line = json::parse(run(*made_, {"predict", "head", "photos/59.bmp", "-q", "--json"}).out);
  EXPECT_EQ(line["labels"], (json{"blue", "green"}));
  EXPECT_LT(line["probabilities"]["red"].get<double>(), 0.5);
  expect_refused(run(*made_, {"predict", "head", "photos/63.bmp", "--top", "2"}), 2,
                 "--top 2: is for photos of one class each; this model answers with all classes from 50 % on; omit it; --json and --csv have "
                 "every probability");
}

TEST_F(MultiLabel, MoreThanTheHeadTrainsAndGoesOn) {
  const Words more{"--batch",   "8",     "--strategy",  "partial", "--unfreeze",        "2",    "--epochs", "10",    "--views",      "2",
                   "--augment", "none",  "--begin",     "zero",    "--optimizer",       "adam", "--lr",     "0.003", "--batch-norm", "live",
                   "--loss",    "focal", "--imbalance", "weights", "--label-smoothing", "0.05"};
  Words whole = with(more), stopped = whole;
  whole.insert(whole.end(), {"--out", "whole", "-q"});
  stopped.insert(stopped.end(), {"--out", "stopped"});
  const Finished done = run(*made_, whole);
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_GT(eval("whole")["mean_average_precision"].get<double>(), 0.95);
  const json epochs = json::parse(text("whole/history.json"))["phases"].back()["epochs"];
  EXPECT_LT(epochs.back()["val_loss"].get<double>(), 0.5) << "binary cross-entropy, the mean over the classes";
  const Program program(made_->path(), stopped);
  program.wait_until_it_says("\nepoch  3/10: loss");
  kill(program.pid(), SIGTERM);
  ASSERT_EQ(program.wait().exit_code, 130);
  const Finished on = run(*made_, {"fit", "--resume", "stopped", "-q"});
  ASSERT_EQ(on.exit_code, 0) << on.err;
  EXPECT_EQ(read_file(*made_ / "stopped" / "model.onnx"), read_file(*made_ / "whole" / "model.onnx"));
}

TEST_F(MultiLabel, WhatIsForOneClassEachIsRefused) {
  const std::string why = ": is for photos of one class each, but some of these have several; ";
  refuse({"--strategy", "partial", "--mixup", "0.2"}, 2, "--mixup 0.2" + why + "omit it");
  refuse({"--strategy", "partial", "--cutmix", "1"}, 2, "--cutmix 1" + why + "omit it");
  refuse({"--strategy", "partial", "--distill", "head"}, 2, "--distill head" + why + "omit it");
  const std::string choose = "choose --imbalance weights, by which positives and negatives of a class count the same, or none";
  refuse({"--imbalance", "effective"}, 2, "--imbalance effective" + why + choose);
  refuse({"--strategy", "partial", "--imbalance", "sampling"}, 2, "--imbalance sampling" + why + choose);
  refuse({"--strategy", "partial", "--imbalance", "balanced-softmax"}, 2, "--imbalance balanced-softmax" + why + choose);
  make_photos(*made_ / "classes", {"blue", "green", "red"}, 4);
  expect_refused(run(*made_, {"fit", "classes", "--size", "64", "--strategy", "partial", "--distill", "head", "--out", "runs/x", "-q"}), 1,
                 "head: answers with any number of classes, but the photos have one each; give a teacher of photos of one class each");
  expect_refused(
      run(*made_, {"fit", "classes", "--size", "64", "--strategy", "partial", "--from", "head", "--begin", "kept", "--out", "runs/x", "-q"}), 1,
      "head: answers with any number of classes, but the photos have one each; its head can only be kept for its own classes; omit --begin kept "
      "to get a new one");
  EXPECT_FALSE(fs::exists(*made_ / "runs"));
}

TEST_F(MultiLabel, PositivesAndPhotosCanWeigh) {
  write_file(*made_ / "w.csv", "path,weight\nphotos/1.bmp,3\nphotos/2.bmp,0\n");
  const Finished done = run(*made_, with({"--strategy", "head", "--imbalance", "weights", "--sample-weights", "w.csv", "--out", "weighed", "-q"}));
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_NE(text("weighed/weights.safetensors"), text("head/weights.safetensors"));
  EXPECT_GT(eval("weighed")["mean_average_precision"].get<double>(), 0.9);
}

}  // namespace
}  // namespace graft

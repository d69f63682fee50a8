// What goes wrong with losses, regularisers and what mixes photos: exact text, exit code, nothing half-written.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/program.h"

namespace graft {
namespace {

using Words = std::vector<std::string>;
using nlohmann::json;

class BadLosses : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TestFolder;
    make_photos(*folder_ / "photos", {"cat", "dog"}, 10);
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }

  static Finished fit(const Words& more) {
    Words words{"fit", "photos", "--size", "64", "-q", "--precision", "float32"};
    if (std::ranges::find(more, "head") == more.end()) words.insert(words.end(), {"--epochs", "1", "--batch", "8"});
    words.insert(words.end(), more.begin(), more.end());
    return run(*folder_, words);
  }
  static void expect(const Words& words, int exit_code, const std::string& line) {
    expect_refused(fit(words), exit_code, line);
    EXPECT_FALSE(std::filesystem::exists(*folder_ / "runs"));
  }
  static json config_of(Words words) {
    words.insert(words.end(), {"--json", "--dry-run"});
    const Finished done = fit(words);
    EXPECT_EQ(done.exit_code, 0) << done.err;
    return json::parse(done.out)["config"];
  }

  inline static TestFolder* folder_ = nullptr;
};

constexpr const char* kMore = ": is for training by steps, but --strategy head is solved; choose --strategy partial or full, or --solver steps";

TEST_F(BadLosses, RangesAndNames) {
  expect({"--loss", "hinge"}, 2, "--loss hinge: expected cross-entropy, focal or poly");
  expect({"--focal-gamma", "-1"}, 2, "--focal-gamma -1: expected between 0 and 10");
  expect({"--poly-epsilon", "-2"}, 2, "--poly-epsilon -2: expected between -1 and 100");
  expect({"--imbalance", "weight"}, 2,
         "--imbalance weight: expected auto, none, weights, effective, balanced-softmax or sampling; did you mean weights?");
  expect({"--effective-beta", "1"}, 2, "--effective-beta 1: expected between 0.01 and 0.999999");
  expect({"--logit-adjustment", "nan"}, 2, "--logit-adjustment nan: expected a number");
}

TEST_F(BadLosses, TheHeadAloneHasNoneOfThem) {
  expect({"--strategy", "head", "--loss", "focal"}, 2, std::string("--loss focal") + kMore);
  expect({"--strategy", "head", "--imbalance", "balanced-softmax"}, 2, std::string("--imbalance balanced-softmax") + kMore);
  expect({"--strategy", "head", "--cutmix", "1", "--mixup", "0.2"}, 2, std::string("--mixup 0.2") + kMore);
  expect({"--strategy", "head", "--cutmix", "1"}, 2, std::string("--cutmix 1") + kMore);
  expect({"--strategy", "head", "--l2-sp", "0.01"}, 2, std::string("--l2-sp 0.01") + kMore);
  expect({"--strategy", "head", "--bss", "0.001"}, 2, std::string("--bss 0.001") + kMore);
  expect({"--strategy", "head", "--delta", "0.1"}, 2, std::string("--delta 0.1") + kMore);
  expect({"--strategy", "head", "--co-tuning", "2.3"}, 2, std::string("--co-tuning 2.3") + kMore);
  expect({"--strategy", "head", "--stoch-norm", "0.5"}, 2, std::string("--stoch-norm 0.5") + kMore);
  expect({"--strategy", "head", "--dropout", "0.2"}, 2, std::string("--dropout 0.2") + kMore);
  expect({"--strategy", "head", "--stochastic-depth", "0.2"}, 2, std::string("--stochastic-depth 0.2") + kMore);
  expect({"--strategy", "head", "--soup", "3"}, 2, std::string("--soup 3") + kMore);
  expect({"--strategy", "head", "--repeated", "3"}, 2, std::string("--repeated 3") + kMore);
  expect({"--strategy", "head", "--swa", "0.25"}, 2, std::string("--swa 0.25") + kMore);
  expect({"--strategy", "head", "--wise", "0.5"}, 2, std::string("--wise 0.5") + kMore);
  expect({"--strategy", "head", "--sam", "0.05"}, 2, std::string("--sam 0.05") + kMore);
  expect({"--strategy", "head", "--distill", "teacher"}, 2, std::string("--distill teacher") + kMore);
  expect({"--strategy", "head", "--features", "stages", "--imbalance", "sampling"}, 2, std::string("--imbalance sampling") + kMore);
}

TEST_F(BadLosses, WhatStaysNearTheSourceHasRanges) {
  expect({"--dropout", "1"}, 2, "--dropout 1: expected between 0 and 0.99");
  expect({"--stoch-norm", "2"}, 2, "--stoch-norm 2: expected between 0 and 1");
  expect({"--repeated", "0"}, 2, "--repeated 0: expected between 1 and 100");
  expect({"--soup", "-1"}, 2, "--soup -1: expected between 0 and 100");
  expect({"--delta", "-1"}, 2, "--delta -1: expected at least 0");
}

TEST_F(BadLosses, MixingNeedsSomethingToMix) {
  expect({"--mixup", "-0.2"}, 2, "--mixup -0.2: expected between 0 and 100");
  expect({"--cutmix", "1e3"}, 2, "--cutmix 1e3: expected between 0 and 100");
  const std::string hint = " of a photo, not a picture to cut from; choose --mixup, or --views 0 to cut from the photos themselves";
  const Finished done = run(*folder_, {"fit", "photos", "--size", "32", "--precision", "float32", "--strategy", "partial", "--unfreeze", "conv_head",
                                       "--cutmix", "1", "-q", "--out", "runs/a"});
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_EQ(done.err, "graft: --cutmix 1: what is trained sees 320 numbers" + hint + "\n");
  EXPECT_FALSE(std::filesystem::exists(*folder_ / "runs"));
}

TEST_F(BadLosses, NothingGoesBackToASourceThatIsNotThere) {
  expect({"--strategy", "scratch", "--l2-sp", "0.01"}, 2,
         "--l2-sp 0.01: the strategy scratch has no pretrained weights to stay near; choose --strategy full");
  expect({"--strategy", "scratch", "--wise", "0.5"}, 2,
         "--wise 0.5: the strategy scratch has no pretrained weights to go back to; choose --strategy full");
  expect({"--l2-sp", "-1"}, 2, "--l2-sp -1: expected at least 0");
  expect({"--bss", "inf"}, 2, "--bss inf: expected a number");
  expect({"--wise", "1.5"}, 2, "--wise 1.5: expected between 0 and 1");
}

TEST_F(BadLosses, AveragesThatContradictEachOther) {
  expect({"--swa", "0.25", "--ema", "0.9"}, 2, "--swa 0.25: --ema averages the weights already; choose one of them");
  expect({"--swa", "0.25", "--keep", "best"}, 2, "--swa 0.25: is the average of the last epochs, not the best one; omit --keep best and --patience");
  expect({"--swa", "0.25", "--patience", "2"}, 2, "--swa 0.25: is the average of the last epochs, not the best one; omit --keep best and --patience");
  expect({"--swa", "2"}, 2, "--swa 2: expected between 0 and 1");
  expect({"--sam", "-0.1"}, 2, "--sam -0.1: expected at least 0");
}

TEST_F(BadLosses, ATeacherHasTheClassesOfThePhotosInTheirOrder) {
  const std::string hint = "; a teacher has the classes of the photos, in their order";
  make_photos(*folder_ / "others", {"cat", "eel"}, 8);
  make_photos(*folder_ / "more", {"cat", "dog", "fox"}, 8);
  for (const char* name : {"others", "more"})
    ASSERT_EQ(run(*folder_, {"fit", name, "--size", "64", "--strategy", "head", "--out", std::string("teacher-") + name, "-q"}).exit_code, 0);
  expect({"--strategy", "partial", "--distill", "teacher-others"}, 1, "teacher-others: does not know the class 'dog' of the photos" + hint);
  expect({"--strategy", "partial", "--distill", "teacher-more"}, 1, "teacher-more: has a class 'fox', which the photos do not have" + hint);
  expect({"--strategy", "partial", "--distill", "nowhere"}, 1, "nowhere: no such run folder or model.onnx; train one with `graft fit PHOTOS`");
  expect({"--strategy", "partial", "--distill", "photos"}, 1, "photos: not a run folder: it holds no model.onnx; train one with `graft fit PHOTOS`");
  expect({"--strategy", "partial", "--distill-weight", "0.7"}, 2,
         "--distill-temperature and --distill-weight: are for learning from another run; give --distill RUN, too");
  expect({"--strategy", "partial", "--distill", "teacher-more", "--distill-temperature", "0"}, 2,
         "--distill-temperature 0: expected between 0.1 and 100");
}

TEST_F(BadLosses, ClassWeightsAreImbalanceWeights) {
  expect({"--class-weights", "balanced", "--imbalance", "sampling"}, 2,
         "--class-weights balanced: means --imbalance weights, but another --imbalance is given; omit --class-weights");
  const json config = config_of({"--strategy", "partial", "--class-weights", "balanced"});
  EXPECT_EQ(config["imbalance"], json::parse(R"({"value": "weights", "source": "chosen", "reason": "--class-weights balanced"})"));
}

TEST_F(BadLosses, AutomaticImbalanceGoesByTheSizes) {
  make_photos(*folder_ / "uneven", {"cat"}, 20);
  make_photos(*folder_ / "uneven", {"dog"}, 5);
  const auto chosen = [](const char* photos, const char* strategy) {
    const Finished done = run(*folder_, {"fit", photos, "--size", "64", "--dry-run", "--json", "-q", "--precision", "float32", "--strategy", strategy,
                                         "--imbalance", "auto"});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    return json::parse(done.out)["config"]["imbalance"];
  };
  const char* reason = "the largest class has 4.0 times the photos of the smallest";
  EXPECT_EQ(chosen("uneven", "partial"), (json{{"value", "balanced-softmax"}, {"source", "chosen"}, {"reason", reason}}));
  EXPECT_EQ(chosen("uneven", "head"), (json{{"value", "weights"}, {"source", "chosen"}, {"reason", reason}}));
  EXPECT_EQ(chosen("photos", "partial")["value"], "none");
}

TEST_F(BadLosses, AnAutomaticStrategyThatIsTheHeadSaysWhatItLeavesOut) {
  const Finished done = run(*folder_, {"fit", "photos", "--size", "64", "--loss", "focal", "--out", "left-out"});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_NE(done.err.find("--loss focal has no effect with --strategy head\n"), std::string::npos) << done.err;
}

}  // namespace
}  // namespace graft

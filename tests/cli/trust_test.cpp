// What a model knows of how far it can be trusted, by the real program: found by fit and calibrate, obeyed by predict and eval.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/program.h"
#include "graft/artifact/session.h"

namespace graft {
namespace {

using Words = std::vector<std::string>;
using nlohmann::json;

/// Grey noise that is a little darker on the left, or on the right, but in every eighth photo says the other.
std::string noise(bool left, int number) {
  constexpr int kSide = 64;
  std::vector<uint8_t> rgb;
  uint32_t state = static_cast<uint32_t>(number * 104729 + 17);
  const bool dark_left = left != (number % 8 == 0);
  for (int y = 0; y < kSide; ++y)
    for (int x = 0; x < kSide; ++x) {
      state = state * 1664525U + 1013904223U;
      const bool dark = (x < kSide / 2) == dark_left;
      const auto value = static_cast<uint8_t>((dark ? 60 : 120) + (state >> 26));
      rgb.insert(rgb.end(), 3, value);
    }
  return bmp(rgb, kSide, kSide);
}

class Trust : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    made_ = new TestFolder;
    for (const char* part : {"photos", "other", "bare"})
      for (int i = 0; i < 40; ++i) {
        const bool left = i % 2 == 0;
        if (part[0] == 'b' && !left) continue;
        write_file(*made_ / (std::string(part) + (left ? "/left/" : "/right/") + std::to_string(i) + ".bmp"),
                   noise(left, i + (part[0] == 'p' ? 0 : 1000)));
      }
    write_file(*made_ / "costs.csv", "true,predicted,cost\nleft,right,50\nright,left,1\n");
    fit_ = run(*made_, with({"--coverage", "0.8", "--costs", "costs.csv", "--out", "run"}));
  }
  static void TearDownTestSuite() {
    delete made_;
    made_ = nullptr;
  }
  static Words with(const Words& more) {
    Words words{"fit",    "photos", "--strategy", "head", "--backbone",  "efficientnet_lite0",
                "--size", "64",     "--resize",   "64",   "--precision", "float32"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  static inline TestFolder* made_ = nullptr;
  static inline Finished fit_;
};

TEST_F(Trust, FitFindsRulesThatTheModelHas) {
  ASSERT_EQ(fit_.exit_code, 0) << fit_.err;
  EXPECT_NE(fit_.err.find("sets of 80 %: found on 32 photos (cross-validation on the training photos)"), std::string::npos) << fit_.err;
  EXPECT_NE(fit_.err.find("probabilities "), std::string::npos) << fit_.err;
  const trust::Rules rules = artifact::load_card(*made_ / "run").trust;
  ASSERT_TRUE(rules.sets && rules.costs);
  EXPECT_EQ(rules.sets->photos, 32U);
  EXPECT_EQ(rules.costs->values, (std::vector<double>{0, 50, 1, 0}));
}

TEST_F(Trust, PredictObeysThem) {
  const Finished text = run(*made_, {"predict", "run", "other/right/1.bmp"});
  EXPECT_NE(text.out.find("  by costs: left (expected cost "), std::string::npos) << text.out << text.err;
  EXPECT_NE(text.out.find("  80 % set: "), std::string::npos);
  const json line = json::parse(run(*made_, {"predict", "run", "other/right/1.bmp", "--json"}).out);
  EXPECT_EQ(line.at("by_costs").at("label"), "left");
  EXPECT_EQ(line.at("set").at("coverage"), 0.8);
  EXPECT_TRUE(run(*made_, {"predict", "run", "other/right/1.bmp", "--csv"}).out.starts_with("path,by_costs,expected_cost,label,probability,"));
}

TEST_F(Trust, EvalCountsWhatTheyAreWorth) {
  const Finished eval = run(*made_, {"eval", "run", "other", "--json", "--csv", "answers.csv", "--force"});
  const json found = json::parse(eval.out);
  EXPECT_GE(found.at("sets").at("covered"), 0.5);
  EXPECT_LE(found.at("costs").at("by_costs").at("mean"), found.at("costs").at("most_probable").at("mean"));
  const auto csv = read_file(*made_ / "answers.csv");
  EXPECT_TRUE(as_text(csv).starts_with("path,label,predicted,probability,expected_cost,set,loss,probability of left,probability of right\n"));
  EXPECT_NE(run(*made_, {"eval", "run", "other"}).out.find("\nby costs  "), std::string::npos);
}

TEST_F(Trust, WithoutOptionsAndDoubtAModelIsAsBefore) {
  const Finished plain = run(*made_, with({"--calibrate", "none", "--out", "plain"}));
  ASSERT_EQ(plain.exit_code, 0) << plain.err;
  EXPECT_TRUE(artifact::load_card(*made_ / "plain").trust.empty());
  const auto bytes = read_file(*made_ / "plain/model.onnx");
  EXPECT_EQ(as_text(bytes).find("graft.trust"), std::string_view::npos);
  EXPECT_EQ(run(*made_, {"predict", "plain", "other/left/0.bmp"}).out.find("set"), std::string::npos);
}

TEST_F(Trust, CalibrateGivesAnotherFolderTheModelWithNewRules) {
  const Finished done = run(*made_, {"calibrate", "run", "other", "--out", "again", "--coverage", "0.7", "--json"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const json told = json::parse(done.out);
  const double temperature = told.at("calibration").at("temperature");
  const trust::Rules rules = artifact::load_card(*made_ / "again").trust;
  EXPECT_EQ(rules.sets->coverage, 0.7);
  EXPECT_TRUE(rules.costs) << "stay";
  const auto logits = [&](const char* model) { return artifact::open_session(*made_ / model, {})->predict({*made_ / "other/left/0.bmp"}, 1).logits; };
  EXPECT_NEAR(logits("again")[0] * temperature, logits("run")[0], 1e-3);
  expect_refused(run(*made_, {"calibrate", "run", "other", "--out", "again"}), 1, "again: already exists; choose another --out");
  const Finished verified = run(*made_, {"verify", "again"});
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  EXPECT_NE(verified.out.find("weights.safetensors"), std::string::npos) << verified.out;
  const Finished drift = run(*made_, {"drift", "again", "other", "--json"});
  ASSERT_EQ(drift.exit_code, 0) << drift.err;
  EXPECT_NE(drift.out.find("the photos that it was calibrated on"), std::string::npos) << drift.out;
}

TEST_F(Trust, WhatCannotBeIsRefusedBeforeTheWork) {
  const auto refused = [&](const Words& more, int code, const std::string& line) { expect_refused(run(*made_, with(more)), code, line); };
  refused({"--coverage", "1", "-q"}, 2,
          "--coverage 1: expected a fraction between 0 and 1, such as 0.9; only the set of all classes is always right");
  write_file(*made_ / "bad.csv", "true,predicted,cost\nleft,right,-2\n");
  refused({"--costs", "bad.csv", "-q"}, 1, "bad.csv:2: '-2' is not a cost, expected a finite number of at least 0");
  refused({"--calibrate-on", "bare", "--out", "x", "-q"}, 1,
          "--calibrate-on bare: has no photo of 'right', expected some of each class; add photos of every class");
  expect_refused(run(*made_, {"calibrate", "run", "bare", "--out", "x", "-q"}), 1,
                 "bare: has no photo of 'right', expected some of each class; add photos of every class");
  expect_refused(run(*made_, {"calibrate", "run", "photos", "--out", "x", "-q"}), 1,
                 "photos: 32 of its 40 photos were trained on, expected photos that the model has not seen; the model is more confident about them "
                 "than about new ones: give others");
}

}  // namespace
}  // namespace graft

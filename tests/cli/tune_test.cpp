// Options searched by the real program.
#include <gtest/gtest.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "cli/program.h"
#include "graft/data/csv.h"

namespace graft {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Words = std::vector<std::string>;

class Tune : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TestFolder;
    make_photos(*folder_ / "photos", {"across", "down"}, 20);
    tuned_ = run(*folder_, words({"--out", "whole", "--json"}));
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }
  static Words words(const Words& more) {
    Words all{"tune",   "photos", "--trials",    "3",       "--epochs", "3", "--strategy", "partial",
              "--size", "64",     "--precision", "float32", "--batch",  "8", "--space",    "lr=1e-4..1e-2:log,mixup=0|0.2"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  static std::string text(const std::string& name) { return std::string(as_text(read_file(*folder_ / name))); }

  /// Begun, and stopped after its first trial.
  static void stop_after_one(const std::string& out) {
    const Program program(folder_->path(), words({"--out", out}));
    program.wait_until_it_says("trial 0, 1 epoch: ");
    kill(program.pid(), SIGINT);
    const Finished done = program.wait();
    ASSERT_EQ(done.exit_code, 130) << done.err;
    EXPECT_NE(done.err.find("continue with: graft tune --resume " + out), std::string::npos) << done.err;
  }

  inline static TestFolder* folder_ = nullptr;
  inline static Finished tuned_;
};

TEST_F(Tune, TheBestIsTrainedAndItsConfigRepeatsIt) {
  ASSERT_EQ(tuned_.exit_code, 0) << tuned_.err;
  const json told = json::parse(tuned_.out), trials = told["tuning"]["trials"];
  ASSERT_EQ(trials.size(), 3U);
  const auto plain = std::ranges::find_if(trials, [](const json& t) { return t["trial"] == 0; });
  EXPECT_EQ((*plain)["options"], "default");
  EXPECT_EQ((*plain)["epochs"], 3) << "goes on in any case";
  EXPECT_EQ(std::ranges::count_if(trials, [](const json& t) { return t["options"].get<std::string>().starts_with("--lr "); }), 2);
  EXPECT_EQ(told["tuning"]["judged_on"], 8) << "a quarter of 32 training photos";
  EXPECT_EQ(json::parse(text("whole/tuning.json")), told["tuning"]);
  EXPECT_EQ(json::parse(text("whole/plan.json")), json::parse(R"({"trials": 3, "epochs": [1, 3]})"));
  EXPECT_FALSE(fs::exists(*folder_ / "whole/runs/trial0-1epochs/model.onnx")) << "of a trial only what tells of it stays";
  EXPECT_EQ(told["report"]["images"], 8) << "the validation photos";
  const Finished again = run(*folder_, {"fit", "--config", "whole/config.toml", "--out", "again", "-q"});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(read_file(*folder_ / "again/model.onnx"), read_file(*folder_ / "whole/model.onnx"));
}

TEST_F(Tune, NoTrialSeesAValidationPhoto) {
  const auto paths_in = [](const std::string& file, const std::string& part) {
    std::vector<std::string> names;
    const std::string table = text(file);
    for (const data::CsvRow& row : data::parse_csv(table, ',', file))
      if (part.empty() || row.fields[2] == part)
        names.push_back(fs::path(row.fields[0]).parent_path().filename() / fs::path(row.fields[0]).filename());
    std::ranges::sort(names);
    if (part.empty()) std::erase(names, "path");
    return names;
  };
  EXPECT_EQ(paths_in("whole/tuning.csv", "train").size(), 24U);
  EXPECT_EQ(paths_in("whole/runs/trial0-1epochs/predictions.csv", ""), paths_in("whole/tuning.csv", "val"));
  EXPECT_EQ(paths_in("whole/runs/default/predictions.csv", ""), paths_in("whole/tuning.csv", "test"));
}

TEST_F(Tune, OneThatWasStoppedGoesOnToTheSameEnd) {
  stop_after_one("stopped");
  expect_refused(run(*folder_, words({"--out", "stopped", "-q"})), 1,
                 "stopped: is an unfinished study; continue it: graft tune --resume stopped, or choose another --out");
  expect_refused(run(*folder_, {"tune", "--resume", "stopped", "--trials", "9", "-q"}), 2,
                 "--trials: a study continues with its own options, or its trainings would differ; omit it");
  const Finished done = run(*folder_, {"tune", "--resume", "stopped", "--json", "-q"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_EQ(text("stopped/tuning.json"), text("whole/tuning.json"));
  EXPECT_EQ(read_file(*folder_ / "stopped/model.onnx"), read_file(*folder_ / "whole/model.onnx"));
}

TEST_F(Tune, OtherPhotosAreRefusedByName) {
  stop_after_one("changed");
  const fs::path photo = *folder_ / "photos/down/7.bmp";
  const auto before = read_file(photo);
  const auto refused = [&](const std::string& fact) {
    expect_refused(run(*folder_, {"tune", "--resume", "changed", "-q"}), 1,
                   "../photos/down/7.bmp: " + fact + "; restore the photos, or start another tuning");
  };
  write_file(photo, made_photo(1, 99));
  refused("is not what it was when changed began");
  fs::remove(photo);
  refused("was there when changed began, and is not among the photos now");
  write_file(photo, before);
  EXPECT_EQ(run(*folder_, {"tune", "--resume", "changed", "-q"}).exit_code, 0);
}

TEST_F(Tune, WhatCannotBeDoneIsSaidBeforehand) {
  const Finished hasty = run(*folder_, words({"--out", "hasty", "--budget", "10ms", "-q"}));
  EXPECT_EQ(hasty.exit_code, 2);
  EXPECT_TRUE(hasty.err.starts_with("graft: --budget 10ms: is too short: an epoch takes about ")) << hasty.err;
  EXPECT_TRUE(hasty.err.ends_with("; allow that much, or choose fewer --epochs\n")) << hasty.err;
  EXPECT_FALSE(fs::exists(*folder_ / "hasty"));
  expect_refused(run(*folder_, {"tune", "photos", "--strategy", "head", "-q"}), 2,
                 "--strategy head: solves its layer exactly: there is nothing to tune; choose full or partial, or --solver steps");
  expect_refused(run(*folder_, {"tune", "photos", "--sources", "efficientnet_lite0", "-q"}), 2,
                 "--sources: chooses the network, but a tuning is for a single one; run graft sources first, then give --backbone");
  expect_refused(run(*folder_, {"tune", "photos", "--space", "lr=1..0", "-q"}), 2, "--space lr=1..0: the range is empty; LOW..HIGH");
  expect_refused(run(*folder_, {"tune", "-q"}), 2, "data: missing; usage: graft tune DATA [options]");
}

}  // namespace
}  // namespace graft

// --budget: what cannot be done in time is not begun.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/program.h"

namespace graft {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

TEST(Budget, WhatDoesNotFitIsNotTriedAndTheHeadIsThere) {
  const TestFolder folder;
  make_noise(folder / "noise", 60);
  const Finished done = run(
      folder, {"fit", "noise", "--out", "hasty", "--strategy", "auto", "--budget", "1ms", "--size", "64", "--precision", "float32", "--json", "-q"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const json hasty = json::parse(done.out);
  EXPECT_EQ(hasty["strategy"], "head");
  const auto why = hasty["config"]["strategy"]["reason"].get<std::string>();
  EXPECT_TRUE(why.starts_with("more takes too long: partial fine-tuning (--unfreeze 1) does not fit into --budget 1ms: its trial takes about "))
      << why;
  EXPECT_TRUE(hasty["config"]["budget"]["value"].is_null()) << "the run's config.toml repeats what was chosen";
  const auto history = read_file(folder / "hasty/history.json");
  const json trials = json::parse(as_text(history))["phases"][0]["trials"];
  ASSERT_EQ(trials.size(), 3U) << "all, the last two stages, the last";
  for (const json& trial : trials) EXPECT_NE(trial["stopped"].get<std::string>().find("does not fit into --budget 1ms"), std::string::npos);
  EXPECT_FALSE(fs::exists(folder / "hasty-trial"));
}

TEST(Budget, WhatIsLeftOfItIsSpentOnMoreEpochsAndALowerRate) {
  const TestFolder folder;
  make_noise(folder / "noise", 30);
  const Finished done =
      run(folder, {"fit", "noise", "--out", "slow", "--budget", "1h", "--size", "32", "--resize", "32", "--precision", "float32", "-q"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const auto history = read_file(folder / "slow/history.json");
  const json trials = json::parse(as_text(history))["phases"][0]["trials"];
  ASSERT_EQ(trials.size(), 3U) << done.out;
  EXPECT_FALSE(trials[0].contains("epochs"));
  EXPECT_EQ(trials[1]["epochs"], 30);
  EXPECT_EQ(trials[2]["lr"], 0.0003);
}

TEST(Budget, IsATimeAndForAuto) {
  const TestFolder folder;
  make_photos(folder / "photos", {"across", "down"}, 4);
  const auto refused = [&](const std::vector<std::string>& more, const std::string& line) {
    std::vector<std::string> words{"fit", "photos", "-q"};
    words.insert(words.end(), more.begin(), more.end());
    expect_refused(run(folder, words), 2, line);
  };
  refused({"--budget", "10"}, "--budget 10: expected a time above 0 with the unit s, m or h; for instance 10m");
  refused({"--budget", "10m", "--strategy", "full"},
          "--budget 10m: is for --strategy auto, but full is asked for; omit --strategy, or set the length of the training with --epochs");
}

}  // namespace
}  // namespace graft

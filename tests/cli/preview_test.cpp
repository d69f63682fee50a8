// What `graft fit` says before it trains, and of where the time went.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/program.h"

namespace graft {
namespace {

using nlohmann::json;

class Preview : public testing::Test {
 protected:
  Preview() { make_photos(folder_ / "photos", {"across", "down"}, 10); }

  Finished fit(std::vector<std::string> more) {
    std::vector<std::string> words{"fit", "photos", "--size", "64", "--precision", "float32", "-q"};
    if (std::ranges::find(more, "head") == more.end()) words.insert(words.end(), {"--batch", "8"});
    words.insert(words.end(), more.begin(), more.end());
    return run(folder_, words);
  }

  TestFolder folder_;
};

TEST_F(Preview, ADryRunTellsThePlanAndItsCostAndWritesNothing) {
  const Finished partial = fit({"--strategy", "partial", "--unfreeze", "2", "--dry-run", "--json"});
  ASSERT_EQ(partial.exit_code, 0) << partial.err;
  const json plan = json::parse(partial.out);
  EXPECT_GT(plan["seconds"], 0);
  EXPECT_GT(plan["step_seconds"], 0);
  EXPECT_GT(plan["bytes"], 1e8);
  EXPECT_GT(plan["disk_bytes"], 0);
  EXPECT_EQ(plan["plan"]["strategy"], "partial");
  EXPECT_EQ(plan["config"]["lr"]["value"], 0.001);
  EXPECT_EQ(plan["config"]["lr"]["reason"], "batch norm is fixed");

  const Finished full = fit({"--strategy", "full", "--dry-run"});
  EXPECT_EQ(full.exit_code, 0) << full.err;
  EXPECT_NE(full.out.find("full: trains 3,373,570 of 3,373,570 parameters"), std::string::npos) << full.out;
  EXPECT_NE(full.out.find("lr 0.01 (chosen: batch norm is live)"), std::string::npos) << full.out;
  EXPECT_TRUE(full.out.ends_with("; nothing was written\n")) << full.out;
  EXPECT_EQ(listing(folder_.path()), std::vector<std::string>{"photos"});
}

TEST_F(Preview, TheLearningRateFinderSuggestsTheSameTwice) {
  const std::vector<std::string> words{"--strategy", "partial", "--unfreeze", "1", "--begin", "zero", "--find-lr"};
  const Finished once = fit(words), twice = fit(words);
  EXPECT_EQ(once.exit_code, 0) << once.err;
  EXPECT_EQ(once.out, twice.out);
  EXPECT_NE(once.out.find("begin with --lr "), std::string::npos) << once.out;
  EXPECT_EQ(fit({"--strategy", "head", "--find-lr"}).err,
            "graft: --find-lr: a new head alone is solved without a learning rate; give a --strategy that trains more\n");
}

TEST_F(Preview, TheLearningRateFinderLearnsFromWhatTrainingDoes) {
  ASSERT_EQ(fit({"--strategy", "head", "--out", "teacher"}).exit_code, 0);
  const std::vector<std::string> words{"--strategy", "partial", "--unfreeze", "1", "--begin", "zero", "--find-lr"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), words.begin(), words.end());
    const Finished done = fit(more);
    EXPECT_EQ(done.exit_code, 0) << done.err;
    return done.out;
  };
  const std::string plain = with({});
  EXPECT_NE(with({"--distill", "teacher"}), plain);
  EXPECT_NE(with({"--co-tuning", "20"}), plain);
  EXPECT_EQ(listing(folder_.path()), (std::vector<std::string>{"photos", "teacher"}));
}

TEST_F(Preview, AProfileNamesTheOperators) {
  const Finished done = fit({"--strategy", "partial", "--unfreeze", "1", "--epochs", "1", "--profile", "--json", "--out", "run"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const json profile = json::parse(done.out)["profile"];
  ASSERT_FALSE(profile.empty());
  double last = profile[0]["seconds"];
  for (const json& row : profile) {
    EXPECT_LE(row["seconds"], last);
    last = row["seconds"];
  }
}

}  // namespace
}  // namespace graft

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
  EXPECT_EQ(plan["config"]["lr"]["reason"], "the best recipe for fine-tuning (graft help ablations)");
  EXPECT_EQ(plan["config"]["optimizer"]["value"], "adamw");

  const Finished full = fit({"--strategy", "full", "--dry-run"});
  EXPECT_EQ(full.exit_code, 0) << full.err;
  EXPECT_NE(full.out.find("full: trains 3,373,570 of 3,373,570 parameters"), std::string::npos) << full.out;
  EXPECT_NE(full.out.find("lr 0.001 (chosen: the best recipe for fine-tuning"), std::string::npos) << full.out;
  const Finished of_ones_own = fit({"--strategy", "full", "--optimizer", "sgd", "--dry-run"});
  EXPECT_NE(of_ones_own.out.find("lr 0.01 (chosen: batch norm is live)"), std::string::npos) << of_ones_own.out;
  EXPECT_TRUE(full.out.ends_with("; nothing was written\n")) << full.out;
  EXPECT_EQ(listing(folder_.path()), std::vector<std::string>{"photos"});
}

TEST_F(Preview, TheLearningRateFinderSuggestsTheSameTwice) {
  const std::vector<std::string> words{"--strategy", "partial", "--unfreeze", "1", "--begin", "zero", "--find-lr"};
  const Finished once = fit(words), twice = fit(words);
  EXPECT_EQ(once.exit_code, 0) << once.err;
  EXPECT_EQ(once.out, twice.out);
  EXPECT_NE(once.out.find("start with --lr "), std::string::npos) << once.out;
  EXPECT_EQ(fit({"--strategy", "head", "--find-lr"}).err,
            "graft: --find-lr: a new head alone is solved without a learning rate; give a --strategy that trains more\n");
}

TEST_F(Preview, TheLearningRateFinderDrawsItsCurve) {
  const Finished done = fit({"--strategy", "partial", "--unfreeze", "1", "--begin", "zero", "--find-lr", "--out", "curve.svg"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_TRUE(done.out.ends_with("\npicture: curve.svg\n")) << done.out;
  EXPECT_EQ(listing(folder_.path()), (std::vector<std::string>{"curve.svg", "photos"}));
  const std::string svg(as_text(read_file(folder_ / "curve.svg")));
  EXPECT_NE(svg.find(">photos: efficientnet_lite0, partial</text>"), std::string::npos) << svg;

  const auto refused = [&](int exit_code, std::vector<std::string> words, const std::string& line) {
    words.insert(words.begin(), {"--strategy", "partial"});
    expect_refused(fit(words), exit_code, line);
  };
  refused(1, {"--find-lr", "--out", "curve.svg"}, "curve.svg: already exists; choose another --out or remove it");
  refused(1, {"--find-lr", "--out", "curve.svg/in.svg"}, "curve.svg/in.svg: cannot create: Not a directory");
  refused(2, {"--find-lr", "--out", "run"},
          "--out run: expected a name that ends in .svg: with --find-lr it is the curve's picture; for instance --out curve.svg");
  refused(2, {"--out", "Curve.SVG"},
          "--out Curve.SVG: names a picture, but a run is a folder; give --find-lr, too, which draws one, or choose another name");
  refused(2, {"--find-lr", "--dry-run"}, "--dry-run and --find-lr: are two things to do instead of training; choose one of them");
  EXPECT_EQ(listing(folder_.path()), (std::vector<std::string>{"curve.svg", "photos"}));
}

TEST_F(Preview, TheLearningRateFinderGoesByAConfigFileOfARun) {
  write_file(folder_ / "config.toml", "out = \"run\"\nstrategy = \"partial\"\n");
  const Finished done = fit({"--config", "config.toml", "--unfreeze", "1", "--begin", "zero", "--find-lr", "--json"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_EQ(listing(folder_.path()), (std::vector<std::string>{"config.toml", "photos"}));
  const json found = json::parse(done.out);
  EXPECT_EQ(found["answer"], "clear");
  EXPECT_GT(found["suggestion"], 0);
  EXPECT_EQ(found["sweeps"].size(), 2U);
  EXPECT_EQ(found["points"][0]["loss"], found["loss_before"]);
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

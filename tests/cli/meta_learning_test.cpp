// graft meta: a run, its encoder, what goes on after a kill, and what is refused.
#include <gtest/gtest.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "cli/program.h"

namespace graft {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Words = std::vector<std::string>;

class MetaLearning : public testing::Test {
 protected:
  MetaLearning() {
    for (int kind = 0; kind < 9; ++kind)
      for (int i = 0; i < 5; ++i) write_file(folder_ / "letters" / std::to_string(kind) / (std::to_string(i) + ".bmp"), made_photo(kind, i, 24, 20));
  }
  static Words words(const Words& more) {
    Words all{"meta",    "letters", "--ways",        "2",    "--shots",           "1", "--queries",       "3", "--iterations", "6",
              "--tasks", "2",       "--check-every", "2",    "--val-episodes",    "3", "--test-episodes", "6", "--size",       "16",
              "--width", "16",      "--baseline",    "none", "--pretrain-epochs", "2", "--inner-steps",   "2", "--threads",    "2"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  json json_of(const std::string& file) const { return json::parse(as_text(read_file(folder_ / file))); }

  TestFolder folder_;
};

TEST_F(MetaLearning, LeavesAnEncoderThatEveryCommandTakes) {
  const Finished done = run(folder_, words({"--out", "run", "--json", "-q"}));
  ASSERT_EQ(done.exit_code, 0) << done.err;
  json told = json::parse(done.out);
  EXPECT_EQ(told["classes"], json::parse(R"({"train": 5, "val": 2, "test": 2})"));
  EXPECT_EQ(told["checks"].size(), 3U);
  ASSERT_EQ(told["results"].size(), 6U) << "the method, and its encoder by four rules and auto";
  EXPECT_EQ(told["results"][0]["rule"], "protonet");
  EXPECT_EQ(told["run"], "run");
  told.erase("run");
  EXPECT_EQ(told, json_of("run/meta.json"));
  EXPECT_EQ(listing(folder_ / "run"), (Words{"encoder.onnx", "meta.json", "study.json"}));
  const Finished fit = run(folder_, {"fit", "letters", "--backbone", "run/encoder.onnx", "--strategy", "head", "--out", "model", "-q"});
  ASSERT_EQ(fit.exit_code, 0) << fit.err;
  EXPECT_EQ(run(folder_, {"predict", "model", "letters/3/1.bmp", "-q"}).exit_code, 0);
  expect_refused(run(folder_, words({"--out", "run", "-q"})), 1, "run: already exists; choose another --out");
}

TEST_F(MetaLearning, ThePretrainedNetworkStandsBesideIt) {
  Words with = words({"--out", "run", "--network", "resnet12", "--json", "-q"});
  with.erase(std::ranges::find(with, "--baseline"), std::ranges::find(with, "none") + 1);
  const Finished done = run(folder_, with);
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const json results = json::parse(done.out)["results"];
  ASSERT_EQ(results.size(), 11U);
  EXPECT_EQ(results[0]["network"], "resnet12");
  EXPECT_EQ(results[10]["network"], "efficientnet_lite0");
  EXPECT_EQ(results[10]["over_baseline"]["difference"], 0.0);
  EXPECT_DOUBLE_EQ(results[0]["over_baseline"]["difference"].get<double>(),
                   results[0]["accuracy"].get<double>() - results[10]["accuracy"].get<double>());
}

class MetaKilled : public MetaLearning, public testing::WithParamInterface<const char*> {};
INSTANTIATE_TEST_SUITE_P(Meta, MetaKilled, testing::Values("protonet", "maml", "anil", "reptile", "meta-transfer"));

TEST_P(MetaKilled, GoesOnToTheSameBytes) {
  const Words with{"--method", GetParam(), "--checkpoint-minutes", "0.0000001"};
  const auto into = [&](const std::string& out) {
    Words more = with;
    more.insert(more.end(), {"--out", out});
    return words(more);
  };
  ASSERT_EQ(run(folder_, into("whole")).exit_code, 0);
  const Program program(folder_.path(), into("killed"));
  program.wait_until_it_says("update 2/6");
  kill(program.pid(), SIGKILL);
  ASSERT_EQ(program.wait().exit_code, 128 + SIGKILL);
  expect_refused(run(folder_, into("killed")), 1, "killed: is an unfinished study; continue it: graft meta --resume killed, or choose another --out");
  const Finished resumed = run(folder_, {"meta", "--resume", "killed", "-q"});
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  for (const char* file : {"encoder.onnx", "meta.json"}) EXPECT_EQ(read_file(folder_ / "killed" / file), read_file(folder_ / "whole" / file)) << file;
}

TEST_F(MetaLearning, WhatCannotBeDoneIsSaidBeforehand) {
  const auto refused = [&](const Words& more, int exit_code, const std::string& line) { expect_refused(run(folder_, words(more)), exit_code, line); };
  Words many = words({"-q"});
  many[3] = "4";
  expect_refused(
      run(folder_, many), 1,
      "letters: 9 usable classes, expected at least 12: 4 for training, 4 for validation and 4 for testing; no class may be in more than one "
      "of these parts: choose fewer --ways, --val-classes or --test-classes, or give more classes");
  refused({"--val-classes", "1", "-q"}, 2, "--val-classes 1: expected at least 2: as many as --ways");
  refused({"--first-order", "-q"}, 2, "--first-order: is for --method maml, anil or meta-transfer, which use second derivatives; omit it");
  fs::remove(folder_ / "letters/4/1.bmp");
  fs::remove(folder_ / "letters/4/2.bmp");
  const Finished few = run(folder_, words({"--out", "run"}));
  ASSERT_EQ(few.exit_code, 0) << few.err;
  EXPECT_NE(few.err.find("classes with fewer than 4 photos (1 for --shots and 3 for --queries): '4 (3)'; left out\n"), std::string::npos) << few.err;
  write_file(folder_ / "letters/5/broken.bmp", std::string_view("no picture"));
  EXPECT_EQ(run(folder_, words({"-q"})).exit_code, 1);
  EXPECT_FALSE(fs::exists(folder_ / "runs")) << "nothing half-written is left";
  EXPECT_EQ(run(folder_, words({"--skip-unreadable", "-q"})).exit_code, 0);
}

}  // namespace
}  // namespace graft

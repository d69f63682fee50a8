// --strategy auto that is stopped in its trial, and goes on with it.
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/program.h"

namespace graft {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

json json_of(const fs::path& file) { return json::parse(as_text(read_file(file))); }

class TrialResume : public testing::Test {
 protected:
  /// Stopped in its trial, made once.
  static void SetUpTestSuite() {
    made_ = new TestFolder;
    make_noise(*made_ / "noise", 60);
    const Program program(made_->path(), words("stopped"));
    program.wait_until_it_says("trying full fine-tuning on 72 photos");
    kill(program.pid(), SIGINT);
    const Finished done = program.wait();
    EXPECT_EQ(done.exit_code, 130);
    EXPECT_TRUE(done.err.ends_with("graft: interrupted; continue with: graft fit --resume stopped\n")) << done.err;
    EXPECT_TRUE(fs::exists(*made_ / "stopped/checkpoint/trial/1/checkpoint/state"));
  }
  static void TearDownTestSuite() {
    delete made_;
    made_ = nullptr;
  }
  TrialResume() { fs::copy(made_->path(), folder_.path(), fs::copy_options::recursive | fs::copy_options::overwrite_existing); }

  static std::vector<std::string> words(const std::string& out) {
    return {"fit", "noise", "--out", out, "--size", "64", "--precision", "float32", "--epochs", "3", "--threads", "2", "--no-mirror"};
  }

  inline static TestFolder* made_ = nullptr;
  TestFolder folder_;
};

TEST_F(TrialResume, EndsAsIfItHadNotBeenStopped) {
  ASSERT_EQ(run(folder_, words("whole")).exit_code, 0);
  const Finished resumed = run(folder_, {"fit", "--resume", "stopped"});
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(json_of(folder_ / "stopped/history.json"), json_of(folder_ / "whole/history.json"));
  EXPECT_EQ(read_file(folder_ / "stopped/model.onnx"), read_file(folder_ / "whole/model.onnx"));
  EXPECT_EQ(listing(folder_ / "stopped"), listing(folder_ / "whole"));
}

TEST_F(TrialResume, WhatIsThroughIsNotTriedAgain) {
  const fs::path file = folder_ / "stopped/checkpoint/trial/record";
  json record = json_of(file);
  record["trials"].push_back({{"kind", "full"},
                              {"unfreeze", ""},
                              {"epochs", 0},
                              {"lr", 0},
                              {"trained_on", 72},
                              {"judged_on", 24},
                              {"accuracy", 0.25},
                              {"head_accuracy", 0.5},
                              {"gain", -0.5},
                              {"gain_error", 0.125},
                              {"chance", 1.0},
                              {"stopped", ""},
                              {"failed", false},
                              {"too_long", false},
                              {"training_seconds", 1},
                              {"losses", json::array()}});
  std::ofstream(file) << record;
  const Finished resumed = run(folder_, {"fit", "--resume", "stopped"});
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(resumed.err.find("trying full"), std::string::npos) << resumed.err;
  EXPECT_NE(resumed.err.find("full fine-tuning has 0.250 of 24 held-out photos right, the head alone 0.500; log loss higher by 0.500 +- 0.125\n"),
            std::string::npos)
      << resumed.err;
  EXPECT_EQ(json_of(folder_ / "stopped/history.json")["phases"][0]["trials"][0]["accuracy"], 0.25);
}

TEST_F(TrialResume, OtherPhotosAreRefused) {
  fs::copy_file(folder_ / "noise/down/3.bmp", folder_ / "noise/across/new.bmp");
  const Finished refused = run(folder_, {"fit", "--resume", "stopped", "-q"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_TRUE(refused.err.starts_with("graft: stopped: was started differently: training data was 96 photos (")) << refused.err;
  EXPECT_TRUE(refused.err.ends_with("; undo that change, or continue with --accept-changes\n")) << refused.err;
  EXPECT_EQ(run(folder_, {"fit", "--resume", "stopped", "-q", "--accept-changes"}).exit_code, 0) << "it begins anew";
}

TEST_F(TrialResume, ItsFolderIsNotWrittenOver) {
  expect_refused(run(folder_, words("stopped")), 1,
                 "stopped: is an unfinished run; continue it: graft fit --resume stopped, or choose another --out");
}

TEST_F(TrialResume, ADamagedRecordIsNamed) {
  std::ofstream(folder_ / "stopped/checkpoint/trial/record") << "{}";
  expect_refused(run(folder_, {"fit", "--resume", "stopped", "-q"}), 1,
                 "stopped/checkpoint/trial/record: is damaged; start the run again, with another --out");
}

}  // namespace
}  // namespace graft

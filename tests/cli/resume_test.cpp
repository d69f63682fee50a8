// Training that is stopped or killed, and goes on: the end is the same to the byte.
#include <gtest/gtest.h>

#include <csignal>

#include "cli/program.h"

namespace graft {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kWholeRun = files_of_a_run({"history.csv"});

class Resume : public testing::Test {
 protected:
  Resume() { make_photos(folder_ / "photos", {"across", "down", "wide"}, 8); }

  /// A checkpoint after every step, so that each moment has one of its own.
  static std::vector<std::string> words(const std::string& out, const std::vector<std::string>& more) {
    std::vector<std::string> all{"fit",      "photos", "--size", "64", "--batch", "6", "--precision", "float32", "--checkpoint-minutes",
                                 "0.000001", "--out",  out};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  /// Starts the training, waits for this in what it writes, and sends the signal.
  Finished stopped(const std::vector<std::string>& more, const std::string& moment, int signal) {
    const Program program(folder_.path(), words("runs/stopped", more));
    program.wait_until_it_says(moment);
    kill(program.pid(), signal);
    return program.wait();
  }

  void expect_same_end(const std::vector<std::string>& more) {
    const Finished resumed = run(folder_, {"fit", "--resume", "runs/stopped"});
    ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
    EXPECT_EQ(listing(folder_ / "runs" / "stopped"), kWholeRun);
    EXPECT_EQ(listing(folder_ / "runs"), std::vector<std::string>{"stopped"});
    const Finished whole = run(folder_, words("whole", more));
    ASSERT_EQ(whole.exit_code, 0) << whole.err;
    for (const char* file : {"model.onnx", "weights.safetensors", "history.json", "history.csv", "eval.json", "trained_on.npy"})
      EXPECT_EQ(read_file(folder_ / "whole" / file), read_file(folder_ / "runs" / "stopped" / file)) << file;
    const auto answers = [&](const char* run_folder, const std::string& up) {  // its paths are relative to the run
      const auto bytes = read_file(folder_ / run_folder / "predictions.csv");
      std::string text(as_text(bytes));
      for (std::size_t at = text.find("\n" + up); at != std::string::npos; at = text.find("\n" + up, at + 1)) text.erase(at + 1, up.size());
      return text;
    };
    EXPECT_EQ(answers("whole", "../"), answers("runs/stopped", "../../"));
  }

  TestFolder folder_;
};

TEST_F(Resume, AStopTellsHowToGoOn) {
  const std::vector<std::string> more{"--strategy", "gradual", "--unfreeze", "2", "--epochs", "10", "--ema", "0.9"};
  const Finished done = stopped(more, "\nepoch  2/10: loss", SIGTERM);
  EXPECT_EQ(done.exit_code, 130);
  EXPECT_TRUE(done.err.ends_with("graft: interrupted; continue with: graft fit --resume runs/stopped\n")) << done.err;
  EXPECT_EQ(listing(folder_ / "runs" / "stopped"), std::vector<std::string>{"checkpoint"});
  expect_same_end(more);
  const Finished again = run(folder_, {"fit", "--resume", "runs/stopped"});
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_EQ(again.err, "graft: runs/stopped: is finished; use it: graft predict runs/stopped photo.jpg\n");
  const Finished repeated = run(folder_, {"fit", "--config", "runs/stopped/config.toml", "--out", "repeated", "-q"});
  EXPECT_EQ(repeated.exit_code, 0) << repeated.err;
  EXPECT_EQ(read_file(folder_ / "repeated" / "model.onnx"), read_file(folder_ / "whole" / "model.onnx"));
}

TEST_F(Resume, AStopBeforeTheFirstStepLeavesNothing) {
  const Finished done = stopped({"--strategy", "partial", "--unfreeze", "blocks.3", "--views", "200"}, "frozen part: ", SIGINT);
  EXPECT_EQ(done.exit_code, 130);
  EXPECT_TRUE(done.err.ends_with("graft: interrupted; nothing half-written is left\n")) << done.err;
  EXPECT_FALSE(fs::exists(folder_ / "runs"));
}

TEST_F(Resume, KilledWhileTheFrozenPartRuns) {
  const std::vector<std::string> more{"--strategy", "partial", "--views", "8", "--epochs", "2"};
  EXPECT_EQ(stopped(more, "frozen part: ", SIGKILL).exit_code, 128 + SIGKILL);
  expect_same_end(more);
}

TEST_F(Resume, KilledInAnEpochOfPartial) {
  const std::vector<std::string> more{"--strategy", "partial", "--views", "2", "--epochs", "8", "--batch-norm", "live"};
  EXPECT_EQ(stopped(more, "\nepoch 3/8: loss", SIGKILL).exit_code, 128 + SIGKILL);
  expect_same_end(more);
}

TEST_F(Resume, KilledInAnEpochOfFull) {
  const std::vector<std::string> more{"--strategy", "full", "--epochs", "2", "--accumulate", "2", "--optimizer", "adamw", "--lr", "0.001"};
  EXPECT_EQ(stopped(more, "\nepoch 1/2: loss", SIGKILL).exit_code, 128 + SIGKILL);
  EXPECT_EQ(listing(folder_ / "runs" / "stopped"), std::vector<std::string>{"checkpoint"});
  expect_same_end(more);
}

TEST_F(Resume, KilledInAnEpochOfANewLayerByItself) {
  const std::vector<std::string> more{"--hidden", "16", "--epochs", "8"};
  EXPECT_EQ(stopped(more, "\nepoch 3/8: loss", SIGKILL).exit_code, 128 + SIGKILL);
  expect_same_end(more);
}

TEST_F(Resume, KilledWithEveryLossAndRegulariser) {
  ASSERT_EQ(run(folder_, {"fit", "photos", "--size", "64", "--strategy", "head", "--out", "teacher", "-q"}).exit_code, 0);
  const std::vector<std::string> more{
      "--strategy", "partial", "--batch-norm", "live", "--epochs",          "4",    "--loss",    "focal",  "--imbalance", "sampling",
      "--mixup",    "0.2",     "--cutmix",     "1",    "--l2-sp",           "0.01", "--bss",     "0.001",  "--swa",       "0.5",
      "--wise",     "0.8",     "--sam",        "0.05", "--label-smoothing", "0.1",  "--distill", "teacher"};
  EXPECT_EQ(stopped(more, "\nepoch 2/4: loss", SIGKILL).exit_code, 128 + SIGKILL);
  expect_same_end(more);
}

}  // namespace
}  // namespace graft

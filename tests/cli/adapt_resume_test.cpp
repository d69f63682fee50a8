// Adaptations that are killed and go on: the end is the same to the byte.
#include <gtest/gtest.h>

#include <csignal>

#include "cli/program.h"

namespace graft {
namespace {

using Words = std::vector<std::string>;

class AdaptResume : public testing::Test {
 protected:
  AdaptResume() {
    make_photos(folder_ / "photos", {"across", "down"}, 10);
    for (int kind = 0; kind < 2; ++kind)
      for (int i = 0; i < 9; ++i) {
        const std::string name = std::to_string(kind) + std::to_string(i) + ".bmp";
        write_file(folder_ / "other" / name, made_photo(kind, 100 + i, 72, 90));
        write_file(folder_ / "test" / (kind == 0 ? "across" : "down") / name, made_photo(kind, 200 + i, 72, 90));
      }
  }

  /// A checkpoint after every step, so that each moment has one of its own.
  static Words words(const std::string& out, const Words& more) {
    Words all{"adapt", "--source", "photos", "--target", "other", "--target-test",        "test",     "--size",
              "64",    "--l2",     "0.1",    "--batch",  "6",     "--checkpoint-minutes", "0.000001", "--out",
              out};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  void kill_when_it_says(const std::string& moment, const Words& more) {
    const Program program(folder_.path(), words("stopped", more));
    program.wait_until_it_says(moment);
    kill(program.pid(), SIGKILL);
    EXPECT_EQ(program.wait().exit_code, 128 + SIGKILL);
    EXPECT_EQ(listing(folder_ / "stopped"), Words{"checkpoint"});
  }

  void expect_same_end_after_a_kill(const std::string& moment, const Words& more) {
    kill_when_it_says(moment, more);
    const Finished resumed = run(folder_, {"adapt", "--resume", "stopped"});
    ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
    const Finished whole = run(folder_, words("whole", more));
    ASSERT_EQ(whole.exit_code, 0) << whole.err;
    EXPECT_EQ(listing(folder_ / "stopped"), listing(folder_ / "whole"));
    for (const char* file : {"model.onnx", "weights.safetensors", "history.json", "history.csv", "eval.json", "predictions.csv",
                             "target_predictions.csv", "trained_on.npy", "doctor.json"})
      EXPECT_EQ(as_text(read_file(folder_ / "whole" / file)), as_text(read_file(folder_ / "stopped" / file))) << file;
  }

  TestFolder folder_;
};

TEST_F(AdaptResume, OfADiscriminatorOnFeatures) { expect_same_end_after_a_kill("\nepoch 3/8: loss", {"--method", "cdan", "--epochs", "8"}); }

TEST_F(AdaptResume, BelowTheBottleneck) {
  expect_same_end_after_a_kill("\nepoch 2/6: loss", {"--method", "dann", "--strategy", "partial", "--views", "2", "--epochs", "6"});
}

TEST_F(AdaptResume, OfTheSourceOfShot) {
  expect_same_end_after_a_kill("\nepoch 3/6: loss", {"--method", "shot", "--strategy", "head", "--epochs", "6"});
}

TEST_F(AdaptResume, OfTheTargetOfShot) {
  expect_same_end_after_a_kill("from here on the target's photos alone are seen",
                               {"--method", "shot", "--strategy", "partial", "--views", "1", "--epochs", "4"});
}

TEST_F(AdaptResume, AStopTellsHowToGoOn) {
  const Program program(folder_.path(), words("stopped", {"--method", "mcc", "--epochs", "30"}));
  program.wait_until_it_says("\nepoch  2/30: loss");
  kill(program.pid(), SIGTERM);
  const Finished done = program.wait();
  EXPECT_EQ(done.exit_code, 130);
  EXPECT_TRUE(done.err.ends_with("graft: interrupted; continue with: graft adapt --resume stopped\n")) << done.err;
  // Another target is another training.
  write_file(folder_ / "other/new.bmp", made_photo(1, 999, 72, 90));
  const Finished refused = run(folder_, {"adapt", "--resume", "stopped", "-q"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.err.find("stopped: was started differently: target photos was 18 photos ("), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find("), is 19 photos ("), std::string::npos) << refused.err;
}

}  // namespace
}  // namespace graft

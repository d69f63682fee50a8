// Ctrl-C and kill in the middle of the work: a run is whole or not there.
#include <gtest/gtest.h>

#include <csignal>

#include "cli/program.h"

namespace graft {
namespace {

/// Waits until the program has begun on the photos; it ends early only by a fault.
void wait_for_work(const Program& program) { program.wait_until_it_says("features"); }

class Interrupt : public testing::Test {
 protected:
  Interrupt() { make_photos(folder_ / "photos", {"across", "down"}, 100); }
  TestFolder folder_;
};

TEST_F(Interrupt, CtrlCLeavesNothingAndExits130) {
  const Program program(folder_.path(), {"fit", "photos", "--out", "runs/a", "--threads", "1"});
  wait_for_work(program);
  kill(program.pid(), SIGINT);
  const Finished done = program.wait();
  EXPECT_EQ(done.exit_code, 130);
  EXPECT_TRUE(done.err.ends_with("graft: interrupted; nothing half-written is left\n")) << done.err;
  EXPECT_FALSE(std::filesystem::exists(folder_ / "runs"));
}

TEST_F(Interrupt, AKilledRunIsNeverTakenForAWholeOne) {
  const Program program(folder_.path(), {"fit", "photos", "--out", "runs/a", "--threads", "1"});
  wait_for_work(program);
  kill(program.pid(), SIGKILL);
  EXPECT_EQ(program.wait().exit_code, 128 + SIGKILL);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "runs" / "a"));
  const Finished predicted = run(folder_, {"predict", "runs/a", "photos/down/0.bmp"});
  EXPECT_EQ(predicted.exit_code, 1);
  EXPECT_EQ(predicted.err,
            "graft: runs/a: no such run folder or model.onnx, and no pretrained network of that name; train one with `graft fit PHOTOS`, or see "
            "`graft models`\n");
}

}  // namespace
}  // namespace graft

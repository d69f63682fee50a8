#include "graft/base/error.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

namespace graft {
namespace {

TEST(ErrorTest, ReadsAsASentence) {
  EXPECT_STREQ(usage_error("--lr 1e-3x", "expected a number").what(), "--lr 1e-3x: expected a number");
  EXPECT_STREQ(data_error("a.jpg", "not a JPEG", "convert it").what(), "a.jpg: not a JPEG; convert it");
  EXPECT_STREQ(data_error("", "no space").what(), "no space");
  EXPECT_EQ(usage_error("a", "b").exit_code(), 2);
  EXPECT_EQ(data_error("a", "b").exit_code(), 1);
}

TEST(InterruptDeathTest, TheFirstSignalIsACallToStopTheSecondEnds) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto run = [] {
    catch_interrupts();
    check_interrupted();
    std::raise(SIGINT);
    try {
      check_interrupted();
      std::_Exit(1);
    } catch (const Interrupted&) {}
    std::raise(SIGTERM);
    std::_Exit(2);
  };
  EXPECT_EXIT(run(), testing::ExitedWithCode(130), "");
}

}  // namespace
}  // namespace graft

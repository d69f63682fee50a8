#include "graft/base/quantity.h"

#include <gtest/gtest.h>

namespace graft {
namespace {

TEST(Quantity, TimesHaveAUnit) {
  EXPECT_EQ(seconds_in("20ms"), 0.02);
  EXPECT_EQ(seconds_in("1.5 s"), 1.5);
  EXPECT_EQ(seconds_in("10m"), 600);
  EXPECT_EQ(seconds_in("10min"), 600);
  EXPECT_EQ(seconds_in("2H"), 7200);
  for (const char* wrong : {"", "10", "m", "0s", "-1s", "1e3s", "1..5s", "10 fortnights", "10ms5", " 10m"}) EXPECT_FALSE(seconds_in(wrong)) << wrong;
}

TEST(Quantity, SizesHaveAUnit) {
  EXPECT_EQ(bytes_in("800kB"), 8e5);
  EXPECT_EQ(bytes_in("20MB"), 2e7);
  EXPECT_EQ(bytes_in("1.5 gb"), 1.5e9);
  for (const char* wrong : {"", "20", "MB", "0MB", "20 M", "20MiB"}) EXPECT_FALSE(bytes_in(wrong)) << wrong;
}

TEST(Quantity, TimesAreToldInTheUnitThatSuits) {
  EXPECT_EQ(duration_text(0.0031), "3.1 ms");
  EXPECT_EQ(duration_text(3.14), "3.1 s");
  EXPECT_EQ(duration_text(95.4), "1:35 min");
  EXPECT_EQ(duration_text(3700), "1:01 h");
}

}  // namespace
}  // namespace graft

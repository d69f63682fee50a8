#include "fuzz/allocation_limit.h"

#include <gtest/gtest.h>

#include <vector>

namespace graft::fuzz {
namespace {

void hold(std::size_t blocks) {
  std::vector<std::vector<char>> held;
  for (std::size_t i = 0; i < blocks; ++i) held.emplace_back(10'000);
}

void hold_within(std::size_t bytes, int times, std::size_t blocks) {
  const AllocationLimit limit(bytes);
  for (int i = 0; i < times; ++i) hold(blocks);
}

TEST(AllocationLimit, CountsWhatIsHeldAtOnce) {
  hold_within(50'000, 100, 4);
  EXPECT_DEATH(hold_within(50'000, 1, 6), "held at once, at most 50000 expected");
}

TEST(AllocationLimit, EndsWithItsObject) {
  { const AllocationLimit limit(1000); }
  hold(6);
}

}  // namespace
}  // namespace graft::fuzz

#include "graft/base/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <latch>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <sched.h>
#include <sys/resource.h>

#include "error_text.h"

namespace graft {
namespace {

class ThreadPoolOf : public testing::TestWithParam<int> {};

TEST_P(ThreadPoolOf, CallsEachIndexOnce) {
  ThreadPool pool(GetParam());
  EXPECT_EQ(pool.size(), GetParam());
  for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{1000}}) {
    std::vector<std::atomic<int>> calls(count);
    pool.parallel_for(count, [&](std::size_t i) { ++calls[i]; });
    for (const auto& times : calls) EXPECT_EQ(times, 1);
  }
}

// Plain writes of the work must be visible to the caller afterwards; the thread sanitizer checks it.
TEST_P(ThreadPoolOf, ResultsAreVisibleToTheCaller) {
  ThreadPool pool(GetParam());
  std::vector<std::size_t> squares(500);
  for (int round = 0; round < 50; ++round) {
    pool.parallel_for(squares.size(), [&](std::size_t i) { squares[i] = i * i; });
    EXPECT_EQ(std::accumulate(squares.begin(), squares.end(), std::size_t{0}), 41541750U);
    std::fill(squares.begin(), squares.end(), 0);
  }
}

// Rounds so short that a worker wakes up when its round is already over.
TEST_P(ThreadPoolOf, ShortRoundsDoNotMix) {
  ThreadPool pool(GetParam());
  for (std::size_t round = 0; round < 2000; ++round) {
    std::atomic<std::size_t> sum = 0;
    pool.parallel_for(3, [&sum, round](std::size_t) { sum += round; });
    ASSERT_EQ(sum, 3 * round);
  }
}

TEST_P(ThreadPoolOf, RethrowsTheLowestFailureAfterTheRestHasFinished) {
  ThreadPool pool(GetParam());
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> calls = 0;
    try {
      pool.parallel_for(100, [&](std::size_t i) {
        ++calls;
        if (i % 30 == 17) throw std::runtime_error(std::to_string(i));
      });
      FAIL() << "expected an exception";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "17");
    }
    EXPECT_EQ(calls, 100);
  }
  pool.parallel_for(1, [](std::size_t) {});  // the failure is not remembered
}

INSTANTIATE_TEST_SUITE_P(Sizes, ThreadPoolOf, testing::Values(1, 2, 8));

TEST(ThreadPool, RunsAtTheSameTime) {
  ThreadPool pool(3);
  std::latch all_here(3);
  pool.parallel_for(3, [&](std::size_t) { all_here.arrive_and_wait(); });  // would hang with fewer threads
}

TEST(ThreadPool, OfOneStaysOnTheCaller) {
  ThreadPool pool(1);
  pool.parallel_for(5, [caller = std::this_thread::get_id()](std::size_t) { EXPECT_EQ(std::this_thread::get_id(), caller); });
}

TEST(ThreadPool, UnusedOneEnds) {
  for (int i = 0; i < 200; ++i) ThreadPool pool(4);
}

/// Leaves room for a few thread stacks more, far fewer than asked for, and ends with 7 and the error's text.
[[noreturn]] void start_threads_without_room() {
  std::ifstream statm("/proc/self/statm");
  rlim_t pages = 0;
  statm >> pages;
  const rlimit space{pages * 4096 + (rlim_t{300} << 20), RLIM_INFINITY};
  setrlimit(RLIMIT_AS, &space);
  const std::string text = test::error_of([] { const ThreadPool pool(1000); });
  std::fprintf(stderr, "%s\n", text.c_str());
  std::_Exit(7);
}

TEST(ThreadPoolDeathTest, SaysWhenThreadsCannotBeStarted) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";  // the child starts afresh, so the limit ends with it
  EXPECT_EXIT(start_threads_without_room(), testing::ExitedWithCode(7),
              "data: threads: cannot start 1000: Resource temporarily unavailable; give a smaller --threads");
}

TEST(AvailableCpus, FollowsTheAffinityMask) {
  cpu_set_t all;
  ASSERT_EQ(sched_getaffinity(0, sizeof all, &all), 0);
  EXPECT_GE(available_cpus(), 1);
  EXPECT_LE(available_cpus(), CPU_COUNT(&all));
  cpu_set_t one;
  CPU_ZERO(&one);
  for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu)
    if (CPU_ISSET(cpu, &all)) CPU_SET(cpu, &one);
  std::thread([&] {  // the mask belongs to the thread, so the test's own stays as it was
    ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
    EXPECT_EQ(available_cpus(), 1);
  })
      .join();
}

}  // namespace
}  // namespace graft

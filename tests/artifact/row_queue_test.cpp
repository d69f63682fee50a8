// Rows of many callers in batches: when one begins, who is in it, and who hears of what fails. Time stands still unless a test sets it forward.
#include "graft/artifact/row_queue.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <exception>
#include <latch>
#include <numeric>
#include <set>
#include <thread>

#include "artifact/hand_clock.h"

namespace graft::artifact {
namespace {

using namespace std::chrono_literals;

/// A row is a byte; its answer twice that, its features the byte and its negative.
void doubled(std::span<const engine::Part> parts) {
  for (const engine::Part& part : parts)
    for (std::size_t i = 0; i < part.n; ++i) {
      part.out[i] = 2.F * part.rows[i];
      part.features[2 * i] = part.rows[i];
      part.features[2 * i + 1] = -1.F * part.rows[i];
    }
}

std::size_t rows_of(std::span<const engine::Part> parts) {
  return std::accumulate(parts.begin(), parts.end(), std::size_t{0}, [](std::size_t sum, const engine::Part& part) { return sum + part.n; });
}

struct Asked {
  explicit Asked(std::vector<uint8_t> rows) : rows(std::move(rows)), out(this->rows.size()), features(2 * out.size()) {}
  engine::Part part() { return {rows, rows.size(), out, features}; }
  bool answered() const {
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (out[i] != 2.F * rows[i] || features[2 * i] != rows[i] || features[2 * i + 1] != -1.F * rows[i]) return false;
    return true;
  }

  std::vector<uint8_t> rows;
  std::vector<float> out, features;
};

/// Remembers the sizes of the batches; may be held up.
class Queue : public testing::Test {
 protected:
  RowQueue::Compute compute() {
    return [this](std::size_t worker, std::span<const engine::Part> parts) {
      {
        const std::lock_guard lock(mutex_);
        sizes_.push_back(rows_of(parts));
        workers_.insert(worker);
      }
      if (before_) before_();
      for (const engine::Part& part : parts)
        for (const uint8_t row : part.rows)
          if (row == kBad) std::rethrow_exception(bad_row_);
      doubled(parts);
    };
  }
  /// Each on a thread of its own.
  static std::vector<std::jthread> ask(RowQueue& queue, std::vector<Asked>& all) {
    std::vector<std::jthread> threads;
    for (Asked& asked : all) threads.emplace_back([&queue, &asked] { queue(asked.part()); });
    return threads;
  }
  static std::vector<Asked> callers(std::size_t count) {
    std::vector<Asked> all;
    for (std::size_t i = 0; i < count; ++i) all.emplace_back(std::vector<uint8_t>{static_cast<uint8_t>(10 + i)});
    return all;
  }
  static bool answered(const std::vector<Asked>& all) { return std::ranges::all_of(all, &Asked::answered); }

  static constexpr uint8_t kBad = 255;
  /// Outlives the threads: ThreadSanitizer does not see that libstdc++ counts who holds it.
  const std::exception_ptr bad_row_ = std::make_exception_ptr(std::runtime_error("a bad row"));
  HandClock clock_;
  std::mutex mutex_;
  std::vector<std::size_t> sizes_;
  std::set<std::size_t> workers_;
  std::function<void()> before_;
};

TEST_F(Queue, AFullBatchBeginsAtOnce) {
  RowQueue queue({.batch = 4, .wait = 1h}, compute(), clock_);
  std::vector<Asked> all = callers(4);
  ask(queue, all).clear();
  EXPECT_TRUE(answered(all));
  EXPECT_EQ(sizes_, std::vector<std::size_t>{4});
}

TEST_F(Queue, OneThatIsNotFullBeginsWhenItsFirstRowHasWaitedLongEnough) {
  RowQueue queue({.batch = 8, .wait = 100us}, compute(), clock_);
  std::vector<Asked> all = callers(3);
  std::vector<std::jthread> threads = ask(queue, all);
  clock_.await_waiters(3);
  clock_.advance(99us);
  {
    const std::lock_guard lock(mutex_);
    EXPECT_TRUE(sizes_.empty());
  }
  clock_.advance(1us);
  threads.clear();
  EXPECT_TRUE(answered(all));
  EXPECT_EQ(sizes_, std::vector<std::size_t>{3});
}

TEST_F(Queue, ALongCallGoesBatchByBatchInItsOrder) {
  RowQueue queue({.batch = 4}, compute(), clock_);
  std::vector<uint8_t> rows(10);
  std::iota(rows.begin(), rows.end(), uint8_t{1});
  Asked asked(rows);
  queue(asked.part());
  EXPECT_TRUE(asked.answered());
  EXPECT_EQ(sizes_, (std::vector<std::size_t>{4, 4, 2}));
}

TEST_F(Queue, WhatComesWhileTheWorkerIsBusyIsABatchThen) {
  std::atomic<bool> first = true;
  before_ = [&] {
    if (first.exchange(false)) clock_.await_asked(2 + 5);  // the first call twice, then five that arrived and found the worker busy
  };
  RowQueue queue({.batch = 8}, compute(), clock_);
  std::vector<Asked> one = callers(1), later = callers(5);
  std::vector<std::jthread> threads = ask(queue, one);
  clock_.await_asked(2);
  std::vector<std::jthread> others = ask(queue, later);
  threads.clear(), others.clear();
  EXPECT_TRUE(answered(one) && answered(later));
  EXPECT_EQ(sizes_, (std::vector<std::size_t>{1, 5}));
}

TEST_F(Queue, WhoFindsItFullIsToldSoAtOnceAndTheOthersAreAnswered) {
  std::latch full(1);
  std::atomic<bool> first = true;
  before_ = [&] {
    if (first.exchange(false)) full.wait();
  };
  RowQueue queue({.batch = 8, .most_waiting = 4}, compute(), clock_);
  std::vector<Asked> one = callers(1), later = callers(4);
  std::vector<std::jthread> threads = ask(queue, one);
  clock_.await_asked(2);
  std::vector<std::jthread> others = ask(queue, later);
  clock_.await_asked(2 + 4);
  Asked too_late({7});
  try {
    queue(too_late.part());
    ADD_FAILURE() << "the queue is full";
  } catch (const Busy& busy) {
    EXPECT_STREQ(busy.what(), "4 rows wait already and 1 more came, expected at most 4 together: ask again later");
  }
  full.count_down();
  threads.clear(), others.clear();
  EXPECT_TRUE(answered(one) && answered(later));
  queue(too_late.part());
  EXPECT_TRUE(too_late.answered());
}

TEST_F(Queue, ACallLargerThanTheQueueIsTakenWhenNobodyWaits) {
  RowQueue queue({.batch = 2, .most_waiting = 3}, compute(), clock_);
  Asked asked({1, 2, 3, 4, 5});
  queue(asked.part());
  EXPECT_TRUE(asked.answered());
}

TEST_F(Queue, WhatFailsIsToldToAllThatHadRowsInTheBatchAndToNobodyElse) {
  RowQueue queue({.batch = 2, .wait = 1h}, compute(), clock_);
  Asked bad({kBad}), beside({1}), after({2, 3});
  std::string of_bad, of_beside;
  const auto ask_one = [&queue](Asked& asked, std::string& error) {
    return std::jthread([&] {
      try {
        queue(asked.part());
      } catch (const std::runtime_error& e) {
        error = e.what();
      }
    });
  };
  { const std::jthread one = ask_one(bad, of_bad), other = ask_one(beside, of_beside); }
  EXPECT_EQ(of_bad, "a bad row");
  EXPECT_EQ(of_beside, "a bad row");
  queue(after.part());
  EXPECT_TRUE(after.answered());
}

TEST_F(Queue, TheRestOfACallThatFailedIsNotComputed) {
  RowQueue queue({.batch = 2}, compute(), clock_);
  Asked bad({1, kBad, 3, 4, 5}), after({6});
  EXPECT_THROW(queue(bad.part()), std::runtime_error);
  queue(after.part());
  EXPECT_TRUE(after.answered());
  EXPECT_EQ(sizes_, (std::vector<std::size_t>{2, 1}));
}

TEST_F(Queue, InAHurryNothingWaitsForMore) {
  RowQueue queue({.batch = 8, .wait = 1h}, compute(), clock_);
  std::vector<Asked> all = callers(3);
  std::vector<std::jthread> threads = ask(queue, all);
  clock_.await_waiters(3);
  queue.hurry();
  threads.clear();
  EXPECT_TRUE(answered(all));
  Asked later({9});
  queue(later.part());
  EXPECT_TRUE(later.answered());
}

TEST_F(Queue, EveryWorkerIsWarmedUpOnce) {
  RowQueue queue({.batch = 2, .workers = 3}, compute(), clock_);
  Asked blank({0, 0});
  queue.on_every_worker(blank.part());
  EXPECT_EQ(workers_, (std::set<std::size_t>{0, 1, 2}));
  EXPECT_EQ(sizes_.size(), 3);
}

TEST(RowQueue, ManyThreadsGetTheirOwnAnswersAndNoWorkerIsUsedTwiceAtOnce) {
  constexpr std::size_t kWorkers = 3;
  std::array<std::atomic<int>, kWorkers> inside{};
  std::atomic<int> clashes = 0;
  RowQueue queue(
      {.batch = 4, .workers = kWorkers, .wait = 20us},
      [&](std::size_t worker, std::span<const engine::Part> parts) {
        if (inside[worker]++ != 0) ++clashes;
        if (rows_of(parts) > 4) ++clashes;
        doubled(parts);
        --inside[worker];
      },
      real_clock());
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < 8; ++t)
      threads.emplace_back([&, t] {
        for (std::size_t i = 0; i < 200; ++i) {
          std::vector<uint8_t> rows(1 + (i * 7 + t) % 6);
          for (std::size_t k = 0; k < rows.size(); ++k) rows[k] = static_cast<uint8_t>(t * 31 + i + k);
          Asked asked(rows);
          queue(asked.part());
          if (!asked.answered()) ++wrong;
        }
      });
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(clashes, 0);
}

}  // namespace
}  // namespace graft::artifact

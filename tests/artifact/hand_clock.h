// A clock that stands still until a test sets it forward, and tells who waits for it.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <list>
#include <mutex>

#include "graft/artifact/row_queue.h"

namespace graft::artifact {

class HandClock : public Clock {
 public:
  Time now() const override {
    const std::lock_guard guard(mutex_);
    ++asked_;
    told_.notify_all();
    return now_;
  }

  void wait(std::condition_variable& changed, std::unique_lock<std::mutex>& lock, Time until) const override {
    std::unique_lock guard(mutex_);
    if (now_ >= until) return;
    const auto self = waiters_.insert(waiters_.end(), {&changed, lock.mutex()});
    told_.notify_all();
    guard.unlock();
    changed.wait(lock);  // held till here, so advance() finds everybody asleep who is on the list
    guard.lock();
    waiters_.erase(self);
  }

  /// Until so many threads wait for the time.
  void await_waiters(std::size_t count) const {
    std::unique_lock guard(mutex_);
    told_.wait(guard, [&] { return waiters_.size() >= count; });
  }

  /// Until it was asked for the time so often, by calls that arrived, among others.
  void await_asked(std::size_t count) const {
    std::unique_lock guard(mutex_);
    told_.wait(guard, [&] { return asked_ >= count; });
  }

  void advance(std::chrono::microseconds by) {
    std::list<Waiter> waiters;
    {
      const std::lock_guard guard(mutex_);
      now_ += by;
      waiters = waiters_;
    }
    for (const Waiter& waiter : waiters) {
      const std::lock_guard lock(*waiter.mutex);
      waiter.changed->notify_all();
    }
  }

 private:
  struct Waiter {
    std::condition_variable* changed;
    std::mutex* mutex;
  };
  mutable std::mutex mutex_;
  mutable std::condition_variable told_;
  mutable std::list<Waiter> waiters_;
  mutable std::size_t asked_ = 0;
  Time now_{};
};

}  // namespace graft::artifact

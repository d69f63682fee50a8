// Gathers the rows of many callers into batches, in the order they came. This makes a Session safe to share.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <stdexcept>
#include <vector>

#include "graft/engine/engine.h"

namespace graft::artifact {

/// The queue is full: nothing of the call was computed, and it can be repeated later.
class Busy : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What a queue knows of time; tests have their own. Thread-safe.
class Clock {
 public:
  using Time = std::chrono::steady_clock::time_point;
  virtual ~Clock() = default;
  virtual Time now() const;
  /// Comes back when `changed` is notified, or at `until`, or for no reason; `lock` is given up meanwhile.
  virtual void wait(std::condition_variable& changed, std::unique_lock<std::mutex>& lock, Time until) const;
};

struct RowQueueOptions {
  std::size_t batch = 16;             // rows of a batch, >= 1
  std::size_t workers = 1;            // batches that are computed at once, >= 1
  std::size_t most_waiting = 1024;    // rows
  std::chrono::microseconds wait{0};  // that the first row of a batch waits for others
};

/// Has no threads of its own: one of the waiting callers computes the next batch for all whose rows are in it, so a single
/// caller need not switch threads. A batch begins when it is full, when its first row has waited for `wait`, or after hurry(),
/// and a worker is free; rows that come while all workers are busy gather meanwhile, even with a `wait` of 0. Thread-safe.
class RowQueue {
 public:
  /// Computes the rows of `parts`, at most a batch. Called by different threads at once, but not with the same worker (below `workers`).
  using Compute = std::function<void(std::size_t worker, std::span<const engine::Part> parts)>;

  /// `clock` outlives the queue.
  RowQueue(const RowQueueOptions& options, Compute compute, const Clock& clock);
  /// No call may be in progress.
  ~RowQueue() = default;
  RowQueue(const RowQueue&) = delete;
  RowQueue& operator=(const RowQueue&) = delete;

  /// Blocks until `part` is computed; rows beyond a batch go batch by batch. Busy when it finds the queue full (a call larger than the queue is taken
  /// when nobody waits); what `compute` throws for a batch is thrown to all that had rows in it.
  void operator()(const engine::Part& part);

  /// Computes it, at most a batch, on every worker, one after the other.
  void on_every_worker(const engine::Part& part);

  /// From now on no batch waits for further rows.
  void hurry();

 private:
  /// A call, on its thread's stack: the rows of it that wait, and those that are being computed.
  struct Call {
    engine::Part left;          // not begun
    std::size_t under_way = 0;  // rows
    Clock::Time due;            // when its first row has waited long enough
    std::exception_ptr error = {};

    bool done() const { return under_way == 0 && (left.n == 0 || error); }
  };
  using Lock = std::unique_lock<std::mutex>;
  struct Taken {
    Call* call;
    std::size_t rows;
  };

  void enter(Call& call);
  bool begins() const;
  void compute_batch(Lock& lock);
  std::exception_ptr compute(Lock& lock, std::size_t worker, std::span<const engine::Part> parts);
  std::vector<Taken> take_batch(std::vector<engine::Part>& parts);

  const RowQueueOptions options_;
  const Compute compute_;
  const Clock& clock_;
  std::mutex mutex_;                 // of what follows
  std::condition_variable changed_;  // a batch is done, or one may begin
  std::deque<Call*> waiting_;        // those with rows not begun
  std::size_t rows_ = 0;             // of them, all rows not begun
  std::vector<std::size_t> free_;    // workers
  bool hurry_ = false;
};

/// The clock of this machine.
const Clock& real_clock();

}  // namespace graft::artifact

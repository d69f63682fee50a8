// Threads that block when idle (spinning threads stall on shared CPUs).
#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace graft {

/// CPUs this process may use: its affinity mask, lowered to the cgroup's quota (v1 or v2), at least 1.
int available_cpus();

class ThreadPool {
 public:
  explicit ThreadPool(int threads);  // threads >= 1; 1 runs everything on the caller; Error if the system cannot create them
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int size() const { return static_cast<int>(workers_.size()) + 1; }

  /// Calls work(0) ... work(count - 1), each once, on the workers and the caller; returns when all are done. If
  /// calls throw, the exception of the lowest index is rethrown after the others have finished. Not reentrant.
  void parallel_for(std::size_t count, const std::function<void(std::size_t)>& work);

 private:
  void serve();
  void stop();
  void drain(std::unique_lock<std::mutex>& lock);

  std::mutex mutex_;
  std::condition_variable work_ready_, all_done_;
  const std::function<void(std::size_t)>* work_ = nullptr;
  std::size_t next_ = 0, count_ = 0, running_ = 0, first_failure_ = 0;
  std::exception_ptr failure_;
  bool stopping_ = false;
  std::vector<std::jthread> workers_;
};

}  // namespace graft

#include "graft/train/compute/parallel.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <memory>

#include "graft/base/thread_pool.h"

namespace graft::train {
namespace {

constexpr int64_t kPartsAThread = 4;  // so that no thread waits long for a slower one

std::unique_ptr<ThreadPool>& pool() {
  static std::unique_ptr<ThreadPool> threads = std::make_unique<ThreadPool>(1);
  return threads;
}

thread_local bool inside = false;

}  // namespace

void set_threads(int threads) {
  at::set_num_threads(threads);
  if (pool()->size() != threads) pool() = std::make_unique<ThreadPool>(threads);
}

void parallel_for(int64_t begin, int64_t end, int64_t grain, const std::function<void(int64_t, int64_t)>& work) {
  if (begin >= end) return;
  const int64_t threads = pool()->size(), count = end - begin;
  const int64_t part = std::max(grain, (count + threads * kPartsAThread - 1) / (threads * kPartsAThread));
  if (inside || threads == 1 || part >= count) return work(begin, end);
  pool()->parallel_for(static_cast<std::size_t>((count + part - 1) / part), [&](std::size_t i) {
    inside = true;
    const int64_t first = begin + static_cast<int64_t>(i) * part;
    try {
      work(first, std::min(end, first + part));
    } catch (...) {
      inside = false;
      throw;
    }
    inside = false;
  });
}

}  // namespace graft::train

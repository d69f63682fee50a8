// What is said of a training while it runs: a bar in an epoch, a line after it.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>

#include "graft/fit/job/listener.h"
#include "graft/train/train.h"

namespace graft::fit {

class EpochLines {
 public:
  /// `photos` of an epoch. The listener must outlive this.
  EpochLines(const Listener& listener, int epochs, std::size_t photos, bool validated)
      : listener_(listener), epochs_(epochs), photos_(photos), validated_(validated) {}

  /// As Hooks::progress and Hooks::observe are called.
  void step(int epoch, std::size_t step, std::size_t steps);
  void epoch(const train::EpochRecord& e);

 private:
  using Clock = std::chrono::steady_clock;
  const Listener& listener_;
  int epochs_, epoch_ = -1;
  std::size_t photos_, done_ = 0;
  bool validated_;
  std::function<void(std::size_t)> advance_;
  Clock::time_point since_ = Clock::now();
};

}  // namespace graft::fit

// What a run took of its machine: RUN/cost.json.
#pragma once

#include <chrono>
#include <filesystem>

namespace graft::fit {

/// CPU time of this process so far, of all threads, seconds.
double cpu_seconds();

/// Begins where it is made.
struct Cost {
  bool resumed = false;  // a part of the training was done before
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
  double cpu_before = cpu_seconds();
};

/// {"seconds", "cpu_seconds", "peak_memory_bytes", "threads", "cpu"}, and "resumed" where that is so. The memory is the most that the process ever held.
void write_cost(const std::filesystem::path& folder, const Cost& cost, int threads);

}  // namespace graft::fit

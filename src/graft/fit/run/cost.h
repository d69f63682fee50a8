// What a run cost in time and memory: RUN/cost.json.
#pragma once

#include <chrono>
#include <filesystem>

namespace graft::fit {

/// CPU time of this process so far, of all threads, seconds.
double cpu_seconds();

/// Measures from its construction on.
struct Cost {
  bool resumed = false;  // part of the training was done in an earlier process
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
  double cpu_before = cpu_seconds();
};

/// {"seconds", "cpu_seconds", "peak_memory_bytes", "threads", "cpu"}, and "resumed" if so. The memory is the peak of the process.
void write_cost(const std::filesystem::path& folder, const Cost& cost, int threads);

}  // namespace graft::fit

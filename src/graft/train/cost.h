// Time and memory that a training run will need, estimated before it begins.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "graft/train/train.h"

namespace graft::train {

struct Cost {
  double step_seconds = 0;        // of one step, including loading its batch if `streams` were given
  double validation_seconds = 0;  // of one validation batch
  uint64_t bytes = 0;             // estimate_bytes()
};

/// Times a few steps and two validation batches, after one of each to warm up, with every stage of the plan training. Uses `streams`, or else
/// synthetic data of the right shape. The graph is not changed.
Cost measure(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config, const Streams* streams = nullptr);

/// How much a training run adds to this process's memory at its peak: parameters, gradients, optimizer state, best and averaged weights, and the
/// activations that a step keeps for backward. Allocates nothing. Within 25 % of the measured value (tested). `views`: pictures per photo of a batch.
uint64_t estimate_bytes(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config, int views = 1);

/// How much memory this process may still allocate: limited by the machine's available memory and swap, the cgroup (v2) and RLIMIT_AS.
uint64_t free_bytes();

/// How much memory is needed, and what an error says about it: "`subject`: needs about 3 GB `asked`", with the hint.
struct MemoryNeed {
  uint64_t bytes;
  std::string subject, asked, hint;
};

/// Calls `work`. Error (data) before the call if so many bytes are far beyond free_bytes(), and if memory runs out during it.
void with_enough_memory(const MemoryNeed& need, const std::function<void()>& work);
/// The same for the estimate of this training.
void with_enough_memory(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config, const std::function<void()>& work);

}  // namespace graft::train

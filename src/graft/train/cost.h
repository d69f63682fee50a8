// What a training will take, told before it is begun.
#pragma once

#include <cstdint>
#include <functional>

#include "graft/train/train.h"

namespace graft::train {

struct Cost {
  double step_seconds = 0;        // of one step, filling its batch included where `streams` were given
  double validation_seconds = 0;  // of one batch of validation
  uint64_t bytes = 0;             // estimate_bytes()
};

/// Runs a few steps and two batches of validation, after one of each to warm up, with every stage of the plan training. On `streams`, else on made
/// data of the right shape. The graph stays as it is.
Cost measure(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config, const Streams* streams = nullptr);

/// How much a training adds to this process's memory at its peak: parameters, gradients, optimiser, best and averaged weights, and what a step keeps for
/// its way back. Nothing is allocated. Within 25 % of what is then measured (tested).
uint64_t estimate_bytes(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config);

/// What this process may still take: the machine's available memory and swap, the cgroup's limit (v2), RLIMIT_AS.
uint64_t free_bytes();

/// Calls `work`. Error (data) before that when the estimate is far beyond free_bytes(), and when memory runs out meanwhile.
void with_enough_memory(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config, const std::function<void()>& work);

}  // namespace graft::train

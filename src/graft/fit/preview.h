// What a fit would do and how much time and memory it would need: `graft fit --dry-run` and `--find-lr`.
#pragma once

#include <cstdint>
#include <optional>

#include "graft/fit/fit.h"
#include "graft/fit/job/config.h"
#include "graft/train/lr_finder.h"
#include "graft/transfer/plan.h"

namespace graft::fit {

struct Preview {
  graph::Graph network;  // with its new head
  transfer::Plan plan;
  double seconds;       // still to come after the features, which are computed (and cached) for the plan
  double step_seconds;  // of one training step; 0 for a new head alone
  uint64_t disk_bytes;  // kept of the frozen part while training
  uint64_t bytes;       // of memory at the peak
};

/// Decides everything that fit() would, measures a few steps and views, and writes no run. Automatic choices are
/// written into `config`. On an idle machine, `seconds` is within a quarter of the actual time. Errors as fit().
Preview preview(Configured<FitConfig>& config, const Listener& listener = {});

/// Tries ever higher learning rates on the plan that fit() would follow (train::find_lr). What is frozen is computed once, in one view of each photo,
/// unless the sweeps see fewer photos than there are. Error (usage) for a new head alone, which needs none.
train::LrCurve find_lr(Configured<FitConfig>& config, const Listener& listener = {});

}  // namespace graft::fit

// A single training, or what it would do, as `graft fit` and `graft adapt` tell it.
#pragma once

#include <chrono>

#include "graft/cli/command.h"
#include "graft/fit/job/config.h"

namespace graft::cli {

/// Trains; with --dry-run or --find-lr only looks. `start`: when the command began. The exit code.
int run_fit(Configured<fit::FitConfig> config, std::chrono::steady_clock::time_point start, const OutputOptions& output);

}  // namespace graft::cli

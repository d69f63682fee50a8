// A single training, or its --dry-run, for `graft fit` and `graft adapt`.
#pragma once

#include <chrono>

#include "graft/cli/command.h"
#include "graft/fit/job/config.h"

namespace graft::cli {

/// Trains; with --dry-run or --find-lr only estimates. `start`: when the command began. Returns the exit code.
int run_fit(Configured<fit::FitConfig> config, std::chrono::steady_clock::time_point start, const OutputOptions& output);

}  // namespace graft::cli

// `graft fit --find-lr`: what it prints, and the picture that --out names there.
#pragma once

#include "graft/cli/command.h"
#include "graft/fit/job/config.h"

namespace graft::cli {

/// Error (usage) where --out names a picture and nothing draws one, or something else than an SVG file beside --find-lr, and for --find-lr with --dry-run.
void check_picture(const Configured<fit::FitConfig>& config);

/// Runs the sweeps and prints their table and the suggestion; writes the picture if --out
/// was given. Error (data), before the work, if the file exists or cannot be written.
void print_lr(Configured<fit::FitConfig>& config, const OutputOptions& output);

}  // namespace graft::cli

// How the commands that train report what they are doing.
#pragma once

#include "graft/cli/command.h"
#include "graft/fit/fit.h"

namespace graft::cli {

/// `output` must outlive it.
fit::Listener listener_for(const OutputOptions& output);

}  // namespace graft::cli

// How the commands that train tell what they do.
#pragma once

#include "graft/cli/command.h"
#include "graft/fit/fit.h"

namespace graft::cli {

/// `output` must outlive it.
fit::Listener listener_for(const OutputOptions& output);

}  // namespace graft::cli

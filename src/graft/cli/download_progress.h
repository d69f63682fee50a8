// How a download is shown on standard error.
#pragma once

#include <cstdint>
#include <functional>

#include "graft/cli/command.h"

namespace graft::cli {

/// To be called with the bytes received and the total (0: unknown) of a file; draws a bar or lines in MB.
std::function<void(uint64_t done, uint64_t total)> download_progress(const std::string& what, const OutputOptions& output);

}  // namespace graft::cli

// How a download is shown on standard error.
#pragma once

#include <cstdint>
#include <functional>

#include "graft/cli/command.h"

namespace graft::cli {

/// To be called with the bytes there and the bytes in all (0: not known) of a file on its way; draws a bar or lines in MB.
std::function<void(uint64_t done, uint64_t total)> download_progress(const std::string& what, const OutputOptions& output);

}  // namespace graft::cli

// The result of a study, for standard output.
#pragma once

#include "graft/cli/command.h"
#include "graft/study/study.h"

namespace graft::cli {

void print_study(const study::Found& found, double seconds, const OutputOptions& output);

/// Table and verdicts, for a terminal.
std::string report_text(const study::Report& report);

}  // namespace graft::cli

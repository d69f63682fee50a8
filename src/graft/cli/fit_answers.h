// What `graft fit` prints at the end, and for --dry-run.
#pragma once

#include <string>

#include "graft/cli/command.h"
#include "graft/fit/fit.h"
#include "graft/fit/preview.h"

namespace graft::cli {

void print_fit(const Configured<fit::FitConfig>& config, const fit::FitResult& result, double seconds, const OutputOptions& output);

/// One of the trainings that a study would make; a study of one has no name.
struct Previewed {
  std::string name;
  std::size_t times;  // that it is repeated
  Configured<fit::FitConfig> config;
  fit::Preview preview;
};
void print_previews(const std::vector<Previewed>& previews, const OutputOptions& output);

}  // namespace graft::cli

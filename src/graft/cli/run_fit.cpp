#include "graft/cli/run_fit.h"

#include "graft/cli/find_lr.h"
#include "graft/cli/fit_answers.h"
#include "graft/cli/fit_listener.h"
#include "graft/fit/fit.h"
#include "graft/fit/preview.h"

namespace graft::cli {

int run_fit(Configured<fit::FitConfig> config, std::chrono::steady_clock::time_point start, const OutputOptions& output) {
  check_picture(config);
  if (config.values.dry_run) {
    const fit::Preview preview = fit::preview(config, listener_for(output));
    return print_previews({{"", 1, config, preview}}, output), 0;
  }
  if (config.values.find_lr) return print_lr(config, output), 0;
  const fit::FitResult result = fit::fit(config, listener_for(output));
  return print_fit(config, result, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), output), 0;
}

}  // namespace graft::cli

#include <chrono>

#include "graft/cli/command.h"
#include "graft/cli/fit_listener.h"
#include "graft/cli/study_answers.h"
#include "graft/study/study.h"

namespace graft::cli {
namespace {

const CommandText kAblateText{
    "graft ablate",
    "Train several times with and without each of some options, and tell which ones help: differences in accuracy are tested in pairs with the same "
    "photos and seed, and the p values are corrected for the number of options (Holm).",
    {"graft ablate photos/ --strategy full --options mixup,ema,label-smoothing",
     "graft ablate photos/ --strategy partial --options sam=0.1,l2-sp --seeds 10 --epochs 5", "graft ablate --resume runs/photos-20261122-101500"},
    true};

}  // namespace

CommandReference ablate_reference() { return reference_of<WithOutput<study::AblateConfig>>(kAblateText); }

int ablate_command(std::span<const std::string> words) {
  const auto start = std::chrono::steady_clock::now();
  const auto options = read_config<WithOutput<study::AblateConfig>>(kAblateText, words);
  if (!options) return 0;
  const OutputOptions& output = options->values.output;
  Configured<study::AblateConfig> config{options->values, options->origins};
  const study::Found found = study::ablate(config, listener_for(output));
  print_study(found, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), output);
  return 0;
}

}  // namespace graft::cli

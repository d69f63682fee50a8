#include <chrono>

#include "graft/cli/command.h"
#include "graft/cli/run_fit.h"

namespace graft::cli {
namespace {

const CommandText kAdaptText{
    "graft adapt",
    "Train a model on labeled photos (the source) for use on photos that differ from them and have no labels (the target): another camera, other "
    "lighting, another variety of the same things. By default, an adaptation is kept only if estimates that need no labels of the target favor it. "
    "If the labeled photos are gone, a run that was trained on them is enough.",
    {"graft adapt --source photos/ --target new-camera/", "graft adapt --source photos/ --target new-camera/ --target-test checked/",
     "graft adapt --source photos/ --target new-camera/ --method dann --strategy full", "graft adapt --from runs/photos --target new-camera/",
     "graft adapt --resume runs/photos-20261122-101500"},
    true};

using AdaptOptions = WithOutput<fit::AdaptConfig>;

}  // namespace

CommandReference adapt_reference() { return reference_of<AdaptOptions>(kAdaptText); }

int adapt_command(std::span<const std::string> words) {
  const auto start = std::chrono::steady_clock::now();
  const auto options = read_config<AdaptOptions>(kAdaptText, words);
  if (!options) return 0;
  return run_fit({options->values, options->origins}, start, options->values.output);
}

}  // namespace graft::cli

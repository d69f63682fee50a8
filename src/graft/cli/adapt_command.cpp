#include <chrono>

#include "graft/cli/command.h"
#include "graft/cli/run_fit.h"

namespace graft::cli {
namespace {

const CommandText kAdaptText{
    "graft adapt",
    "Train a model on labeled photos (the source) for photos of elsewhere that have no labels (the target): another camera, another lamp, another "
    "kind of "
    "the same things. What is adapted is kept only if the target's photos themselves say that it is better. Where the labeled photos are gone, a run "
    "that learned them is enough.",
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

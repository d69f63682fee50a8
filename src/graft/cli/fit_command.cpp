#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/cli/command.h"
#include "graft/cli/fit_answers.h"
#include "graft/cli/fit_listener.h"
#include "graft/cli/run_fit.h"
#include "graft/cli/study_answers.h"
#include "graft/fit/fit.h"
#include "graft/fit/preview.h"
#include "graft/study/study.h"

namespace graft::cli {
namespace {

const CommandText kFitText{"graft fit",
                           "Train a model on labeled photos: a new last layer on a pretrained network, then more of the network if that helps, "
                           "checked on photos that it has not seen.",
                           {"graft fit photos/", "graft fit photos/ --strategy partial --unfreeze 2 --epochs 20",
                            "graft fit --resume runs/photos-20261122-101500", "graft fit photos/ --strategy full --find-lr --out curve.svg",
                            "graft fit photos/ --strategy full --compare scratch,head", "graft fit labels.csv --val holdout/ --backbone resnet50"},
                           true};

using FitOptions = WithOutput<study::FitStudyConfig>;

/// Each of its trainings, but those that differ from another in nothing but seed and split.
void preview_study(Configured<study::FitStudyConfig>& whole, const OutputOptions& output) {
  std::vector<Previewed> previews;
  for (study::Training& training : study::trainings_of(whole)) {
    if (!output.json) remark(output, training.name + ":");
    fit::Listener listener = listener_for(output);
    if (!previews.empty()) listener.note = nullptr;  // the photos are the same
    fit::Preview preview = fit::preview(training.config, listener);
    previews.push_back({training.name, training.times, std::move(training.config), std::move(preview)});
  }
  print_previews(previews, output);
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

CommandReference fit_reference() { return reference_of<FitOptions>(kFitText); }

int fit_command(std::span<const std::string> words) {
  const auto start = std::chrono::steady_clock::now();
  const auto options = read_config<FitOptions>(kFitText, words);
  if (!options) return 0;
  const OutputOptions& output = options->values.output;
  Configured<study::FitStudyConfig> whole{options->values, options->origins};
  if (whole.values.is_study() || (whole.values.resume && study::is_study(*whole.values.resume, "fit"))) {
    if (whole.values.find_lr) throw usage_error("--find-lr", "is for a single training, but these are several", "give the options of one of them");
    if (whole.values.dry_run) return preview_study(whole, output), 0;
    const study::Found found = study::fit_study(whole, listener_for(output));
    return print_study(found, seconds_since(start), output), 0;
  }
  for (const char* option : {"metric", "deploy"})
    if (origin_of(whole.origins, option).given())
      throw usage_error(std::string("--") + option, "is for a comparison, but you asked for a single training", "add --compare, --seeds or --folds");
  study::apply_recipe(whole);
  return run_fit({whole.values, whole.origins}, start, output);
}

}  // namespace graft::cli

// Several trainings of the same photos, to tell what pays: baselines (--compare), repeats (--seeds, --folds), options on and off (`graft ablate`).
// Each training is a run folder of its own below RUN/runs, so that a study that was stopped goes on with what is missing.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "graft/base/config.h"
#include "graft/eval/scores.h"
#include "graft/fit/fit.h"
#include "graft/fit/job/config.h"
#include "graft/study/recipe.h"
#include "graft/study/report.h"
#include "graft/study/variant.h"

namespace graft::study {

/// Which model RUN itself holds.
enum class Deploy {
  better,  // what was asked for, or a baseline that is better beyond chance
  asked,
};

/// Options of `graft fit` that make a study of it.
struct FitStudyConfig : fit::FitConfig {
  std::optional<std::string> recipe, compare;
  int seeds = 1;
  std::optional<int> folds;
  std::string metric = "accuracy";
  Deploy deploy = Deploy::better;

  /// Whether this is more than one training.
  bool is_study() const;

  void fields(FieldList& v) {
    fit::FitConfig::fields(v);
    v.group("Recipe");
    v("recipe", recipe, "use the options of a published recipe, see `graft recipes`, or of a TOML file of your own; other options override it",
      Placeholder{"NAME"}, DefaultText{"none"}, OneLine{"use a published recipe, see `graft recipes`"});
    v.group("Did it pay?");
    v("compare", compare,
      "train these strategies, too, and compare their answers on the same photos: scratch tells whether transfer pays at all; scratch:lr=0.05 with "
      "options of its own",
      Placeholder{"S,S,..."}, DefaultText{"none"}, OneLine{"train other strategies, too, and say which is better"});
    v("seeds", seeds, "train this many times, with --seed and the seeds after it, each on a split of its own, for a mean with its interval",
      between(1, 1000), OneLine{"repeat with this many seeds, for a mean with its interval"});
    v("folds", folds,
      "cross-validation: divide each class into this many parts and validate on each in turn; the model itself is then trained as usual",
      between(2, 1000), DefaultText{"none"});
    v("metric", metric, "score by which trainings are compared; map and micro-f1 are for photos with several classes", one_of(eval::score_names()));
    v("deploy", deploy, "which model the run folder holds: a baseline that is better beyond chance (better), or always the one asked for (asked)",
      names<Deploy>{{"better", Deploy::better}, {"asked", Deploy::asked}});
  }
};

/// Options of `graft ablate`.
struct AblateConfig : fit::FitConfig {
  std::string options;
  int seeds = 5;
  std::string metric = "accuracy";

  void fields(FieldList& v) {
    fit::FitConfig::fields(v);
    v.group("Ablation");
    v("options", options, "options to try one at a time over the others: mixup,ema=0.99,sam; a name alone has its usual value",
      Placeholder{"O,O,..."}, OneLine{"options to try one at a time: mixup,ema=0.99"});
    v("seeds", seeds, "train each variant this many times, with --seed and the seeds after it", between(2, 1000),
      OneLine{"how often each variant is trained"});
    v("metric", metric, "what is compared; map and micro-f1 are for photos with several classes", one_of(eval::score_names()));
  }
};

struct Found {
  std::filesystem::path run;  // RUN
  Report report;
  std::optional<std::size_t> deployed = {};  // row whose model RUN holds; none of an ablation
};

/// Puts the options of --recipe where the user said nothing; what else the recipe has is for fit_study. An empty one without --recipe.
/// Errors as find_recipe and with_recipe.
Recipe apply_recipe(Configured<FitStudyConfig>& config);

/// One of the trainings of a study, for those who want to know of it beforehand.
struct Training {
  std::string name;
  std::size_t times;  // that it is repeated with another seed or split
  Configured<fit::FitConfig> config;
};
/// What fit_study would train. Of a recipe's phases each begins from the pretrained network: the run before it is not there. Errors as fit_study.
std::vector<Training> trainings_of(Configured<FitStudyConfig>& config);

/// Trains what is not trained yet and compares. RUN/comparison.json, RUN/comparison.md, and the files of the model that is deployed.
/// Errors as fit::fit, before any training where that can be known; Interrupted with how to go on.
Found fit_study(Configured<FitStudyConfig>& config, const fit::Listener& listener = {});

/// RUN/ablation.json and RUN/ablation.md.
Found ablate(Configured<AblateConfig>& config, const fit::Listener& listener = {});

/// Finished runs, validated on the same images, against the first of them by this score.
Report compare_runs(const std::vector<std::filesystem::path>& runs, const std::string& score = "accuracy");

/// Whether RUN is a study to go on with, of this command ("fit", "ablate").
bool is_study(const std::filesystem::path& run, std::string_view command);

}  // namespace graft::study

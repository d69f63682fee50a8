// Several trainings on the same photos, to find out what helps: baselines (--compare), repeats (--seeds, --folds), options on and off
// (`graft ablate`). Each training has its own run folder in RUN/runs, so a study that was stopped continues with what is missing.
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

/// Which model RUN itself contains.
enum class Deploy {
  better,  // what was asked for, or a baseline that is better beyond chance
  asked,
};

/// Options of `graft fit` that turn it into a study.
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
      "also train these strategies, and compare the answers on the same photos: scratch tells whether transfer learning helps at all; "
      "scratch:lr=0.05 has options of its own",
      Placeholder{"S,S,..."}, DefaultText{"none"}, OneLine{"also train other strategies, and say which is better"});
    v("seeds", seeds, "train this many times, with --seed and the seeds after it, each on a split of its own, for a mean with its interval",
      between(1, 1000), OneLine{"repeat with this many seeds, for a mean with its interval"});
    v("folds", folds,
      "cross-validation: divide each class into this many parts and validate on each in turn; the model itself is then trained as usual",
      between(2, 1000), DefaultText{"none"});
    v("metric", metric, "score by which models are compared; map and micro-f1 are for photos with several classes", one_of(eval::score_names()));
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
    v("options", options, "options to try one at a time, in addition to the others: mixup,ema=0.99,sam; a name without a value gets its usual one",
      Placeholder{"O,O,..."}, OneLine{"options to try one at a time: mixup,ema=0.99"});
    v("seeds", seeds, "train each variant this many times, with --seed and the seeds after it", between(2, 1000),
      OneLine{"how often each variant is trained"});
    v("metric", metric, "score to compare; map and micro-f1 are for photos with several classes", one_of(eval::score_names()));
  }
};

struct Found {
  std::filesystem::path run;  // RUN
  Report report;
  std::optional<std::size_t> deployed = {};  // row whose model RUN contains; none for an ablation
};

/// Applies the options of --recipe where the user gave none; the rest of the recipe is for
/// fit_study. An empty recipe without --recipe. Errors as find_recipe and with_recipe.
Recipe apply_recipe(Configured<FitStudyConfig>& config);

/// One of the trainings of a study, known before it starts.
struct Training {
  std::string name;
  std::size_t times;  // how often it is repeated with another seed or split
  Configured<fit::FitConfig> config;
};
/// What fit_study would train. Each phase of a recipe is shown as starting from the pretrained network, because the run before it does not exist yet. Errors
/// as fit_study.
std::vector<Training> trainings_of(Configured<FitStudyConfig>& config);

/// Trains what is missing and compares. Writes RUN/comparison.json, RUN/comparison.md, and the files of the
/// deployed model. Errors as fit::fit, before any training if possible; Interrupted says how to continue.
Found fit_study(Configured<FitStudyConfig>& config, const fit::Listener& listener = {});

/// RUN/ablation.json and RUN/ablation.md.
Found ablate(Configured<AblateConfig>& config, const fit::Listener& listener = {});

/// Compares finished runs, validated on the same photos, with the first of them by this score.
Report compare_runs(const std::vector<std::filesystem::path>& runs, const std::string& score = "accuracy");

/// Whether RUN is a study of this command ("fit", "ablate") that can be continued.
bool is_study(const std::filesystem::path& run, std::string_view command);

}  // namespace graft::study

// `graft tune`: random search over options of a training with successive halving, judged on photos
// held out of the training part, so that the validation photos are used only once, at the end.
//
//   RUN/tuning.csv    the photos: which train in the trials, which judge them, which are for the end; with the hashes of their bytes
//   RUN/plan.json     how many trials, and the epochs of each rung
//   RUN/runs/trialN-Eepochs, RUN/runs/default, RUN/runs/tuned
//   RUN/tuning.json, RUN/tuning.md, RUN/comparison.{json,md}, and the files of the run that is deployed: its config.toml repeats it
#pragma once

#include <string>
#include <vector>

#include "graft/eval/paired.h"
#include "graft/study/halving.h"
#include "graft/study/space.h"
#include "graft/study/study.h"

namespace graft::study {

/// Options of `graft tune`.
struct TuneConfig : fit::FitConfig {
  int trials = 30;
  std::string space = kSpace;
  std::string metric = "accuracy";

  TuneConfig() { budget_help = "time limit for the whole search, counted from the start: as many trials as are expected to fit, at most --trials"; }

  void fields(FieldList& v) {
    fit::FitConfig::fields(v);
    v.group("Tuning");
    v("trials", trials, "settings to try, including the default", between(2, 1000), OneLine{"settings to try"});
    v("space", space,
      "what to draw settings from: options of graft fit, each with a range LOW..HIGH (uniform in the logarithm with :log) or choices A|B; the "
      "choice "
      "default omits the option; depth is what is trained, all or that many of the last stages; an option that you give yourself is not drawn",
      Placeholder{"O=A..B,..."}, OneLine{"what to draw settings from: lr=1e-4..1e-2:log,mixup=0|0.2"});
    v("metric", metric,
      "score by which the best setting and the default are compared at the end, to decide which one is deployed; trials are judged by log loss",
      one_of(eval::score_names()));
  }
};

struct TrialRow {
  std::size_t trial;
  std::string options;  // "--lr 0.002 --mixup 0.2"; of the default: "default"
  int epochs;           // of the last rung that it reached
  double log_loss, accuracy;
  eval::LossDifference to_default;  // on that rung
  std::string failed = {};          // why there are no numbers
};

struct Tuned {
  Found found;                 // the best setting against the default, each trained on all training photos and judged on the validation photos
  std::vector<TrialRow> rows;  // by the epochs they reached, then by log loss
  std::size_t judged_on;       // photos
  std::size_t best;            // trial
};

/// Runs the missing trials, then trains the best setting and the default. Error (usage) for a budget that
/// is too short to try anything, and for a strategy with nothing to tune; Error (data) that names the first
/// photo that has changed since the tuning began; errors as fit::fit; Interrupted says how to continue.
Tuned tune(Configured<TuneConfig>& config, const fit::Listener& listener = {});

std::string to_table(const Tuned& tuned);
nlohmann::ordered_json to_json(const Tuned& tuned);

/// The photos of the trials as a table for RUN/tuning.csv: path, label, split (train, val for those that judge, test
/// for those of the end), hash, and group if some have one. A quarter of each class's training photos are for judging.
std::string photos_of_trials(const fit::FitConfig& config, const std::filesystem::path& run);

/// Error (data) that names the first photo in which the tables differ.
void check_photos(const std::string& then, const std::string& now, const std::filesystem::path& run);

}  // namespace graft::study

// The options of `graft eval`.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "graft/cli/command.h"
#include "graft/cli/labelled_answers.h"
#include "graft/data/attributes.h"
#include "graft/eval/evaluation.h"

namespace graft::cli {

struct EvalOptions {
  std::filesystem::path model;
  AskedPhotos photos;
  data::AttributeOptions by_group;
  bool force = false;
  std::optional<std::filesystem::path> csv, ood;
  int top_k = eval::kTop;
  bool all_metrics = false, copy = false;
  std::vector<std::string> at_recall, at_threshold;
  std::optional<std::filesystem::path> errors;
  InferenceOptions inference;
  OutputOptions output;

  void fields(FieldList& v) {
    v.positional("model", model, "run folder or model.onnx");
    v.positional("data", photos.data, "labeled photos, as for `graft fit`");
    photos.fields(v);
    v("ood", ood, "photos of things that the model does not know: measure how well its score for unknown photos tells them from the labeled ones",
      Placeholder{"PHOTOS"}, DefaultText{"none"});
    v.group("Metrics");
    v("all-metrics", all_metrics,
      "print every number with its 95 % interval, the numbers of each class, and accuracy by confidence; --json always has them");
    v("top-k", top_k, "also print how often the true class is among this many of the most probable, for models with more classes than that",
      at_least(1));
    v("at-recall", at_recall,
      "print sensitivity, specificity and precision of a class at the threshold that finds this fraction of it: ants=0.95. The threshold is chosen "
      "on these photos, which makes the numbers optimistic; separate several by commas",
      Placeholder{"CLASS=R"}, DefaultText{"none"});
    v("at-threshold", at_threshold, "the same at a threshold that was chosen on other photos: ants=0.31", Placeholder{"CLASS=P"},
      DefaultText{"none"});
    v.group("By group");
    by_group.fields(v);
    inference.fields(v);
    output.fields(v);
    v("csv", csv, "also write the answer for each photo to this file: the probability of every class and the loss, worst first", Placeholder{"FILE"},
      DefaultText{"none"});
    v("errors", errors,
      "make this folder of links to the photos that the model gets wrong, the most confident mistakes first; the links contain absolute paths, so "
      "the folder can be moved but the photos cannot",
      Placeholder{"DIR"}, DefaultText{"none"});
    v("copy", copy, "with --errors: copies instead of links");
    v("force", force, "overwrite the file that --csv names");
  }
};

}  // namespace graft::cli

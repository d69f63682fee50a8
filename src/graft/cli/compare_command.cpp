#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "graft/base/error.h"
#include "graft/cli/command.h"
#include "graft/cli/compare_models.h"
#include "graft/cli/study_answers.h"
#include "graft/eval/scores.h"

namespace graft::cli {
namespace {

const CommandText kCompareText{"graft compare",
                               "Tell whether finished runs differ beyond chance: their answers on the same validation photos are compared with those "
                               "of the first run, by McNemar's test and a paired bootstrap interval. With --data, compare two models on other "
                               "labeled photos, and list the photos on which they differ.",
                               {"graft compare runs/a runs/b", "graft compare runs/today runs/last-week runs/scratch --json",
                                "graft compare runs/a runs/b --data holdout/ --metric auroc --csv differ.csv"}};

struct CompareOptions {
  std::vector<std::filesystem::path> runs;
  std::string metric = "accuracy";
  AskedPhotos photos;
  bool force = false;
  std::optional<std::filesystem::path> csv;
  InferenceOptions inference;
  OutputOptions output;

  void fields(FieldList& v) {
    v.positional("runs", runs, "folders of runs; with --data, two of them or of model.onnx");
    v("metric", metric,
      "score to compare; its interval is from the jackknife, except for accuracy and balanced accuracy, or with --data from the bootstrap; map and "
      "micro-f1 are for photos with several classes",
      one_of(eval::score_names()));
    v.group("Other photos");
    v("data", photos.data, "measure both models on these labeled photos, as `graft eval` does", Placeholder{"DATA"}, DefaultText{"none"});
    photos.fields(v);
    v("csv", csv, "write every photo on which the answers differ to this file, with both answers and losses", Placeholder{"FILE"},
      DefaultText{"none"});
    v("force", force, "overwrite the file that --csv names");
    inference.fields(v);
    output.fields(v);
  }
};

/// What says how photos are measured says nothing where none are.
void check_without_data(const CompareOptions& options, const Origins& origins) {
  CompareOptions copy = options;
  for (const Field& field : list_fields(copy)) {
    const bool of_runs = field.positional || field.name == "metric" || field.name == "json" || field.name == "quiet";
    if (!of_runs && origin_of(origins, field.name).source == Source::flag)
      throw usage_error("--" + field.name, "is for photos that are measured, but without --data none are", "pass --data, too");
  }
}

void compare_models(const CompareOptions& o) {
  if (o.runs.size() != 2)
    throw usage_error("--data", fmt::format("{} model{} given, expected two", o.runs.size(), o.runs.size() == 1 ? "" : "s"),
                      "compare each of the others with the first");
  if (o.force && !o.csv) throw usage_error("--force", "changes how --csv writes, but --csv is not given", "pass --csv FILE, too");
  if (o.csv) refuse_target(*o.csv, o.force);
  compare_on_data({o.runs[0], o.runs[1], o.photos, o.metric, o.csv, o.inference, o.output});
}

}  // namespace

CommandReference compare_reference() { return reference_of<CompareOptions>(kCompareText); }

int compare_command(std::span<const std::string> words) {
  const auto options = read_config<CompareOptions>(kCompareText, words);
  if (!options) return 0;
  if (!options->values.photos.data.empty()) {
    compare_models(options->values);
    return 0;
  }
  check_without_data(options->values, options->origins);
  const study::Report report = study::compare_runs(options->values.runs, options->values.metric);
  print(options->values.output.json ? study::to_json(report).dump(2) + "\n" : report_text(report));
  return 0;
}

}  // namespace graft::cli

#include <nlohmann/json.hpp>

#include "graft/cli/command.h"
#include "graft/cli/study_answers.h"
#include "graft/eval/scores.h"

namespace graft::cli {
namespace {

const CommandText kCompareText{
    "graft compare",
    "Tell whether finished runs differ beyond chance: their answers on the same validation images, each against the first run, by "
    "McNemar's test and a paired bootstrap interval.",
    {"graft compare runs/a runs/b", "graft compare runs/today runs/last-week runs/scratch --json"}};

struct CompareOptions {
  std::vector<std::filesystem::path> runs;
  std::string metric = "accuracy";
  OutputOptions output;

  void fields(FieldList& v) {
    v.positional("runs", runs, "folders of runs");
    v("metric", metric,
      "score that is compared; other than accuracy and balanced accuracy with the jackknife's interval; map and micro-f1 are for photos of several "
      "classes",
      one_of(eval::score_names()));
    output.fields(v);
  }
};

}  // namespace

CommandReference compare_reference() { return reference_of<CompareOptions>(kCompareText); }

int compare_command(std::span<const std::string> words) {
  const auto options = read_config<CompareOptions>(kCompareText, words);
  if (!options) return 0;
  const study::Report report = study::compare_runs(options->values.runs, options->values.metric);
  print(options->values.output.json ? study::to_json(report).dump(2) + "\n" : report_text(report));
  return 0;
}

}  // namespace graft::cli

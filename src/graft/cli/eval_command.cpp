#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/cli/inference_options.h"
#include "graft/data/dataset.h"
#include "graft/eval/evaluation.h"
#include "graft/eval/multi_label.h"

namespace graft::cli {
namespace {

const CommandText kEvalText{
    "graft eval",
    "Measure a model on labelled images: accuracy with its 95 % interval, precision and recall of each class, what is taken for what; of a model of "
    "several classes a photo, mean average precision, F1 and how often all of them are right.",
    {"graft eval runs/cells holdout/", "graft eval model.onnx labels.csv --json"}};

struct EvalOptions {
  std::filesystem::path model, data;
  std::string part;
  bool skip_unreadable = false;
  InferenceOptions inference;
  OutputOptions output;

  template <class Visitor>
  void fields(Visitor& v) {
    v.positional("model", model, "run folder or model.onnx");
    v.positional("data", data, "labelled images, as for `graft fit`");
    v("part", part, "which part of the data; default: val/ where there is one, else everything", one_of({"train", "val", "test"}),
      DefaultText{"val or all"});
    v("skip-unreadable", skip_unreadable, "go on without images that cannot be read");
    inference.fields(v);
    output.fields(v);
  }
};

}  // namespace

int eval_command(std::span<const std::string> words) {
  const auto config = read_config<EvalOptions>(kEvalText, words);
  if (!config) return 0;
  const EvalOptions& o = config->values;
  artifact::Model model = o.inference.load(o.model, 16);
  const bool multi_label = model.card.task == artifact::Task::multi_label;
  const data::Dataset dataset = data::open_labelled(o.data, model.card.labels, o.part, multi_label);
  for (const std::string& sentence : dataset.notes) remark(o.output, sentence);
  const std::vector<std::filesystem::path> paths = data::paths_of(dataset.samples);

  Progress progress("eval", paths.size(), progress_style(o.output));
  const artifact::Predictions predictions = artifact::predict(
      model, paths, o.inference.threads, [&](std::size_t n) { progress.advance(n); }, o.inference.tta);
  progress.finish();
  if (!predictions.unreadable.empty()) {
    const Error all = data::unreadable_error(o.data, paths.size(), predictions.unreadable);
    if (!o.skip_unreadable || predictions.unreadable.size() == paths.size()) throw all;
    remark(o.output, all.subject() + ": " + all.fact() + "; skipped");
  }
  std::vector<float> probabilities;
  std::vector<data::Sample> samples;
  auto bad = predictions.unreadable.begin();
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (bad != predictions.unreadable.end() && bad->index == i) {
      ++bad;
      continue;
    }
    const auto row = predictions.probabilities.begin() + static_cast<std::ptrdiff_t>(i * model.classes());
    probabilities.insert(probabilities.end(), row, row + static_cast<std::ptrdiff_t>(model.classes()));
    samples.push_back(dataset.samples[i]);
  }
  const auto show = [&](const auto& evaluation) { print(o.output.json ? eval::to_json(evaluation).dump(2) + "\n" : eval::to_table(evaluation)); };
  if (multi_label) show(eval::evaluate_multi_label(probabilities, data::targets_of(samples, model.classes()), model.card.labels));
  else show(eval::evaluate(probabilities, data::labels_of(samples), model.card.labels));
  return 0;
}

}  // namespace graft::cli

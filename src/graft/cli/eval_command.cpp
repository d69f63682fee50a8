#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <optional>

#include <unistd.h>

#include "graft/artifact/answers.h"
#include "graft/artifact/trained_on.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/text.h"
#include "graft/cli/inference_options.h"
#include "graft/data/dataset.h"
#include "graft/data/duplicates.h"
#include "graft/eval/scores.h"

namespace graft::cli {
namespace {

const CommandText kEvalText{
    "graft eval",
    "Measure a model on labelled images: accuracy with its 95 % interval, precision and recall of each class, what is taken for what; of a model of "
    "several classes a photo, mean average precision, F1 and how often all of them are right.",
    {"graft eval runs/cells holdout/", "graft eval model.onnx labels.csv --json", "graft eval runs/cells holdout/ --csv answers.csv"}};

struct EvalOptions {
  std::filesystem::path model, data;
  std::string part;
  data::SourceOptions source;
  bool skip_unreadable = false, force = false;
  std::optional<std::filesystem::path> csv;
  InferenceOptions inference;
  OutputOptions output;

  void fields(FieldList& v) {
    v.positional("model", model, "run folder or model.onnx");
    v.positional("data", data, "labelled images, as for `graft fit`");
    v("part", part, "which part of the data; default: val/ where there is one, else test/, else all of it", one_of({"train", "val", "test"}),
      DefaultText{"val, test or all"});
    source.label_fields(v);
    v("skip-unreadable", skip_unreadable, "go on without images that cannot be read");
    inference.fields(v);
    output.fields(v);
    v("csv", csv, "write what the model says to each image, too: every class's probability and the loss, the worst first", Placeholder{"FILE"},
      DefaultText{"none"});
    v("force", force, "write over the file that --csv names");
  }
};

/// Before the work.
void refuse_target(const std::filesystem::path& file, bool force) {
  namespace fs = std::filesystem;
  std::error_code code;
  const std::string name = printable(file.string());
  if (fs::is_directory(file, code)) throw data_error(name, "is a folder, expected a file or nothing", "choose another --csv");
  if (!force && fs::exists(fs::symlink_status(file, code))) throw data_error(name, "already exists", "choose another --csv or pass --force");
  fs::path folder = fs::absolute(file).parent_path();
  while (!fs::exists(folder, code) && folder.has_relative_path()) folder = folder.parent_path();  // what is missing is made
  if (!fs::is_directory(folder, code)) throw system_error(file, "write", ENOTDIR, "choose another --csv");
  if (::access(folder.c_str(), W_OK | X_OK) != 0) throw system_error(file, "write", errno, "choose another --csv");
}

/// What was measured on, before what was found.
struct Measured {
  std::string data, part;  // of it: "all", "train", "val", "test"
  std::size_t images;
  std::optional<std::size_t> trained_on;  // of the images; nothing where that is not known
  data::Duplicates duplicates;
};

std::optional<std::size_t> seen(const std::optional<std::vector<Hash128>>& trained_on, std::span<const Hash128> hashes) {
  if (!trained_on) return std::nullopt;
  return static_cast<std::size_t>(std::ranges::count_if(hashes, [&](const Hash128& hash) { return std::ranges::binary_search(*trained_on, hash); }));
}

nlohmann::ordered_json to_json(const Measured& measured, const nlohmann::ordered_json& evaluation) {
  nlohmann::ordered_json json{{"part", measured.part},
                              {"trained_on", measured.trained_on ? nlohmann::ordered_json(*measured.trained_on) : nlohmann::ordered_json()},
                              {"under_two_classes", measured.duplicates.of_two_classes}};
  json.update(evaluation);
  return json;
}

std::string to_text(const Measured& m) {
  std::string text;
  if (m.trained_on && *m.trained_on > 0)
    text += fmt::format("{} of {} were trained on: what follows says little of new photos\n", *m.trained_on, m.images);
  text += m.part == "all" ? fmt::format("all of {}", m.data) : fmt::format("the {} part of {}", m.part, m.data);
  text += fmt::format(", {} image{}{}\n\n", m.images, m.images == 1 ? "" : "s",
                      m.trained_on ? "" : fmt::format("; whether the model was trained on them is not known: no {} beside it", artifact::kTrainedOn));
  return text;
}

}  // namespace

CommandReference eval_reference() { return reference_of<EvalOptions>(kEvalText); }

int eval_command(std::span<const std::string> words) {
  const auto config = read_config<EvalOptions>(kEvalText, words);
  if (!config) return 0;
  const EvalOptions& o = config->values;
  if (o.csv) refuse_target(*o.csv, o.force);
  const auto session = artifact::open_session(o.model, o.inference.for_images(16));
  const artifact::ModelCard& card = session->card();
  if (session->precision() == engine::Precision::bf16)
    remark(o.output, "in bf16; other ONNX runtimes compute in float32, as --precision float32 does, and probabilities differ by rounding");
  const auto trained_on = artifact::read_trained_on(o.model);
  const data::Dataset dataset = data::open_labelled(o.data, card.labels, {o.part, card.task, o.source});
  for (const std::string& sentence : dataset.notes) remark(o.output, sentence);
  const std::vector<std::filesystem::path> paths = data::paths_of(dataset.samples);

  Progress progress("eval", paths.size(), progress_style(o.output));
  const artifact::Predictions predictions = session->predict(
      paths, o.inference.threads, [&](std::size_t n) { progress.advance(n); }, o.inference.tta);
  progress.finish();
  if (!predictions.unreadable.empty()) {
    const Error all = data::unreadable_error(o.data, paths.size(), predictions.unreadable);
    if (!o.skip_unreadable || predictions.unreadable.size() == paths.size()) throw all;
    remark(o.output, all.subject() + ": " + all.fact() + "; skipped");
  }
  std::vector<float> probabilities;
  std::vector<data::Sample> samples;
  std::vector<Hash128> hashes;
  auto bad = predictions.unreadable.begin();
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (bad != predictions.unreadable.end() && bad->index == i) {
      ++bad;
      continue;
    }
    const auto row = predictions.probabilities.begin() + static_cast<std::ptrdiff_t>(i * session->classes());
    probabilities.insert(probabilities.end(), row, row + static_cast<std::ptrdiff_t>(session->classes()));
    samples.push_back(dataset.samples[i]);
    hashes.push_back(predictions.hashes[i]);
  }
  const Measured measured{printable(o.data.string()), dataset.part, samples.size(), seen(trained_on, hashes),
                          data::find_duplicates({}, samples, hashes, card.labels)};
  for (const std::string& sentence : measured.duplicates.notes) remark(o.output, sentence);
  const std::vector<int> labels = data::labels_of(samples);
  const std::vector<float> targets = data::targets_of(card.task, samples, session->classes());
  const eval::AnyEvaluation evaluation = eval::evaluate({card.task, samples.size(), labels, targets}, probabilities, card.labels);
  print(o.output.json ? to_json(measured, eval::to_json(evaluation)).dump(2) + "\n" : to_text(measured) + eval::to_table(evaluation));
  if (!o.csv) return 0;
  write_file(*o.csv, artifact::answers_csv(samples, probabilities, card.labels, card.task, o.csv->parent_path()));
  remark(o.output, fmt::format("{}: the answer to each image, the worst first", printable(o.csv->string())));
  return 0;
}

}  // namespace graft::cli

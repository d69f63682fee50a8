#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "graft/artifact/answer_lines.h"
#include "graft/artifact/onnx_session.h"
#include "graft/artifact/pretrained.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/text.h"
#include "graft/cli/inference_options.h"
#include "graft/cli/photo_answers.h"
#include "graft/data/dataset.h"
#include "graft/data/scan.h"

namespace graft::cli {
namespace {

namespace fs = std::filesystem;

const CommandText kPredictText{
    "graft predict",
    "Classify photos, with the probability of each answer.",
    {"graft predict runs/cells photo.jpg", "graft predict model.onnx photos/ --csv > answers.csv",
     "find . -name '*.jpg' | graft predict runs/cells - --json", "graft predict efficientnet_lite0 photo.jpg --labels imagenet.txt --top 5",
     "graft predict theirs.onnx photo.jpg --mean 0.5 --std 0.5"}};

struct PredictOptions {
  fs::path model;
  std::vector<fs::path> photos;
  int top = 3;
  std::optional<fs::path> labels;
  std::optional<Size> size;
  engine::StatedScale scale;
  bool csv = false;
  InferenceOptions inference;
  OutputOptions output;

  void fields(FieldList& v) {
    v.positional("model", model,
                 "run folder, model.onnx, or a pretrained network, by name or as an .onnx file, which answers with the classes it was trained on");
    v.positional("photos", photos, "image files and folders; - reads a list of them from standard input");
    v("top", top, "number of answers per photo", Shorthand{'k'}, at_least(1));
    v("labels", labels, "names of a pretrained network's classes, one per line in the order of its outputs", Placeholder{"FILE"},
      DefaultText{"their index"});
    v("size", size, "input size of a network from a file that leaves it open, in pixels: a square's side, or HEIGHTxWIDTH", between(8, 1024),
      DefaultText{"as the file says, else 224"});
    scale.fields(v, engine::kMeanHelp);
    inference.fields(v);
    output.fields(v);
    v("csv", csv, "results as CSV: path, then label and probability of each answer up to --top");
  }
};

std::vector<std::string> read_labels(const fs::path& file, std::size_t classes) {
  const std::vector<std::byte> bytes = read_file(file);
  std::string_view text = as_text(bytes);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (text.ends_with('\n')) text.remove_suffix(1);
  std::vector<std::string> labels;
  for (const std::string& line : split(text, '\n')) labels.push_back(printable(trim(line)));
  if (labels.size() != classes)
    throw data_error(printable(file.string()),
                     fmt::format("{} line{}, expected {}: one per class", labels.size(), labels.size() == 1 ? "" : "s", classes),
                     "give the names in the order of the network's outputs");
  return labels;
}

/// Whether the word begins with a network's name; what follows a dot, a colon or a + is find_network's to judge.
bool names_network(const std::string& word) {
  const std::string row = word.substr(0, word.find_first_of(".:+"));
  return std::ranges::any_of(models::all(), [&](const models::Backbone& backbone) { return backbone.name == row; });
}

Error unknown_model(const fs::path& model) {
  const std::string word = model.string();
  std::vector<std::string> names;
  for (const models::Backbone& row : models::all()) names.push_back(row.name);
  std::string hint;
  if (const auto near = data::near_sibling(model)) hint = "did you mean '" + printable((model.parent_path() / *near).string()) + "'?";
  else if (const auto network = closest(word, names)) hint = "did you mean " + *network + "?";
  else hint = "train one with `graft fit PHOTOS`, or see `graft models`";
  return data_error(printable(word), "no such run folder or model.onnx, and no pretrained network of that name", hint);
}

enum class ModelKind { trained, named, onnx };

/// A trained model, a network from a file that graft did not write or, where there is no such path, the pretrained network of that name.
ModelKind kind_of(const fs::path& model) {
  std::error_code code;
  if (fs::exists(model, code)) return artifact::is_graft_model(model) ? ModelKind::trained : ModelKind::onnx;
  if (!names_network(model.string())) throw unknown_model(model);
  return ModelKind::named;
}

void check_options(const PredictOptions& o, ModelKind kind) {
  if (o.csv && o.output.json) throw usage_error("--csv", "cannot be combined with --json", "choose one");
  if (kind == ModelKind::trained && o.labels) throw usage_error("--labels", "a run has its own labels", "use it with a pretrained network");
  for (const auto& [name, given] : {std::pair{"--size", o.size.has_value()},
                                    {"--mean", o.scale.mean.has_value()},
                                    {"--std", o.scale.std.has_value()},
                                    {"--channels", o.scale.channels.has_value()}})
    if (given && kind != ModelKind::onnx)
      throw usage_error(name, "is for a network from a file that graft did not write", std::string("omit ") + name);
}

std::shared_ptr<const artifact::Session> open_network(const PredictOptions& o, ModelKind kind, std::size_t images) {
  const artifact::SessionOptions options = o.inference.for_images(images);
  if (kind == ModelKind::trained) return artifact::open_session(o.model, options);
  if (kind == ModelKind::named) return artifact::pretrained_session(models::find_network(o.model.string()), options);
  std::vector<std::string> notes;
  auto session = artifact::onnx_session(o.model, o.scale, o.size, options, notes);
  for (const std::string& note : notes) remark(o.output, note);
  return session;
}

/// Of the photos that are unknown, the training photo that is most like them.
std::vector<std::optional<artifact::NearestPhoto>> nearest_of(const std::vector<trust::Decision>& decisions,
                                                              const std::optional<artifact::KnownPhotos>& known, std::span<const float> features,
                                                              const trust::Rules& rules) {
  std::vector<std::optional<artifact::NearestPhoto>> nearest(decisions.size());
  if (!known || decisions.empty()) return nearest;
  const std::size_t width = features.size() / decisions.size();
  for (std::size_t i = 0; i < decisions.size(); ++i)
    if (decisions[i].stranger && decisions[i].stranger->unknown)
      nearest[i] = known->nearest(features.subspan(i * width, width), rules.unknown->gauge.width());
  return nearest;
}

}  // namespace

CommandReference predict_reference() { return reference_of<PredictOptions>(kPredictText); }

int predict_command(std::span<const std::string> words) {
  const auto config = read_config<PredictOptions>(kPredictText, words);
  if (!config) return 0;
  const PredictOptions& o = config->values;
  const ModelKind kind = kind_of(o.model);
  check_options(o, kind);
  const data::ImageList listed = data::list_images(o.photos, std::cin);
  const std::vector<fs::path>& photos = listed.paths;
  const auto session = open_network(o, kind, photos.size());
  const std::size_t classes = session->classes();
  const std::vector<std::string> labels = o.labels ? read_labels(*o.labels, classes) : session->card().labels;
  const data::Task& task = session->card().task;
  if (!data::one_class_each(task) && origin_of(config->origins, "top").source != Source::by_default)
    throw usage_error(fmt::format("--top {}", o.top), "is for photos of one class each; this model answers with all classes from 50 % on",
                      "omit it; --json and --csv have every probability");
  const trust::Rules& rules = session->card().trust;
  const artifact::LineOptions options{labels, std::min(o.top, static_cast<int>(classes)), kind != ModelKind::trained, rules};
  const auto known = rules.unknown && kind == ModelKind::trained ? artifact::KnownPhotos::beside(o.model) : std::nullopt;
  if (o.csv) print(artifact::csv_header(task, options));

  const int exit_code = print_answers("predict", photos, o.output, [&](const Photos& some, const auto& advance) -> PhotoAnswers {
    artifact::Predictions predictions = session->predict(some, o.inference.threads, advance, o.inference.tta);
    auto decisions = trust::decide_all(rules, task, classes, predictions.logits, predictions.probabilities, predictions.features);
    auto nearest = nearest_of(decisions, known, predictions.features, rules);
    auto lines = [&, probabilities = std::move(predictions.probabilities), decisions = std::move(decisions), nearest = std::move(nearest)](
                     const std::string& photo, std::size_t i) {
      const auto line = o.output.json ? artifact::json_line : o.csv ? artifact::csv_line : artifact::text_line;
      return line(task, photo, {std::span(probabilities).subspan(i * classes, classes), decisions[i], nearest[i] ? &*nearest[i] : nullptr}, options);
    };
    return {std::move(predictions.unreadable), std::move(lines)};
  });
  tell_left_out(listed, o.output);
  return exit_code;
}

}  // namespace graft::cli

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "graft/artifact/answers.h"
#include "graft/artifact/known_photos.h"
#include "graft/artifact/model.h"
#include "graft/artifact/trained_on.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/shell.h"
#include "graft/base/text.h"
#include "graft/cli/labelled_answers.h"
#include "graft/onnx/model_proto.h"
#include "graft/trust/known.h"
#include "graft/trust/unseen_photos.h"
#include "graft/weights/file/safetensors.h"

namespace graft::cli {
namespace {

namespace fs = std::filesystem;

const CommandText kCalibrateText{"graft calibrate",
                                 "Calibrate a model's probabilities on labeled photos that it has not seen, and find the thresholds for its sets of "
                                 "classes and for unknown photos on them. The model with these rules is written into another folder.",
                                 {"graft calibrate runs/cells new_plant/ --out runs/cells-new-plant",
                                  "graft calibrate runs/cells held_out.csv --coverage 0.95 --out runs/cells-95",
                                  "graft calibrate runs/cells held_out/ --temperature keep --costs costs.csv --out runs/cells-costs"}};

enum class Temperature { automatic, keep };

struct CalibrateOptions {
  fs::path model, out;
  AskedPhotos photos;
  Temperature temperature = Temperature::automatic;
  std::optional<double> coverage;
  std::optional<fs::path> costs;
  InferenceOptions inference;
  OutputOptions output;

  void fields(FieldList& v) {
    v.positional("model", model, "run folder or model.onnx");
    v.positional("data", photos.data, "labeled photos, as for `graft fit`; none that the model was trained on");
    v("out", out, "folder for model.onnx with its new rules", Placeholder{"FOLDER"}, DefaultText{"none"});
    photos.fields(v);
    v("temperature", temperature, "auto: divide the logits by the temperature that suits these photos, if that lowers the log loss beyond doubt",
      names<Temperature>{{"auto", Temperature::automatic}, {"keep", Temperature::keep}});
    v("coverage", coverage, "also answer with sets of classes that contain the true one for this fraction of the photos, such as 0.9",
      Placeholder{"PART"}, DefaultText{"as the model has it"});
    v("costs", costs, "table of true,predicted,cost: the model then answers with the class of the lowest expected cost", Placeholder{"FILE"},
      DefaultText{"as the model has them"});
    inference.fields(v);
    output.fields(v);
  }
};

/// Before the work.
void check_request(const CalibrateOptions& o, const artifact::ModelCard& card) {
  if (o.out.empty()) throw usage_error("--out", "missing", "for instance --out runs/calibrated");
  std::error_code code;
  if (fs::exists(fs::symlink_status(o.out, code))) throw data_error(printable(o.out.string()), "already exists", "choose another --out");
  if (o.coverage) trust::check_coverage(*o.coverage);
  if (o.costs) trust::read_costs(*o.costs, card.task, card.labels);
}

void check_photos(const CalibrateOptions& o, const LabelledAnswers& a) {
  trust::check_unseen_photos(a.data, a.samples, a.card.labels, a.trained_on.value_or(0));
  if (!a.trained_on)
    remark(o.output,
           fmt::format("warning: it is unknown whether the model was trained on these photos, because there is no {} next to it; if it was, "
                       "its probabilities and sets will be overconfident",
                       artifact::kTrainedOn));
}

/// What is found, and said of it.
struct Recalibrated {
  trust::Tempering tempering;
  double temperature = 1;  // by which this model's answers are divided once more
  trust::Rules rules;
  std::vector<std::string> sentences;
};

/// A score of logits has other values when they are divided by a temperature, one of features alone does not.
void find_unknown(const LabelledAnswers& a, Recalibrated& found) {
  std::optional<trust::Unknown>& rule = found.rules.unknown;
  if (!rule) return;
  const std::size_t photos = a.samples.size(), enough = trust::enough_to_reject(rule->reject);
  if (photos >= enough) {
    rule = trust::find_threshold(std::move(*rule), a.logits, a.features, photos, trust::Basis::other_photos);
    found.sentences.push_back(fmt::format("a photo stranger than {:.4g} % of these is called unknown", 100 * (1 - rule->reject)));
  } else if (found.temperature != 1 && trust::looks_at_logits(rule->gauge.score)) {
    throw data_error(
        a.data,
        fmt::format("{} photos, expected at least {} to find the threshold for unknown photos again, which a temperature changes", photos, enough),
        "add photos, or give --temperature keep");
  } else {
    found.sentences.push_back(fmt::format("the threshold for unknown photos stays, because a new one needs {} photos", enough));
  }
}

Recalibrated find(const CalibrateOptions& o, LabelledAnswers& a) {
  Recalibrated found{.rules = a.card.trust};
  const std::size_t classes = a.card.labels.size();
  std::vector<std::string> groups;
  for (const data::Sample& sample : a.samples) groups.push_back(sample.group);
  if (o.temperature == Temperature::automatic) {
    found.tempering = trust::temper({.truth = a.truth(), .logits = a.logits, .classes = classes, .groups = groups});
    found.temperature = found.tempering.temperature;
    found.sentences.push_back(trust::to_text(found.tempering, trust::Basis::other_photos));
  }
  if (found.temperature != 1) {
    const double before = found.rules.calibration ? found.rules.calibration->temperature : 1;
    found.rules.calibration = found.tempering.calibration(trust::Basis::other_photos);
    found.rules.calibration->temperature *= before;
    if (before != 1) found.sentences.push_back(fmt::format("with the {:.3f} that it had: {:.3f}", before, found.rules.calibration->temperature));
    for (float& logit : a.logits) logit = static_cast<float>(static_cast<double>(logit) / found.temperature);
  }
  std::vector<float> probabilities = a.logits;
  eval::to_probabilities(a.card.task, probabilities, classes);
  const std::optional<double> coverage = o.coverage ? o.coverage : found.rules.sets ? std::optional(found.rules.sets->coverage) : std::nullopt;
  if (coverage) {
    found.rules.sets = trust::calibrate_sets(a.truth(), probabilities, classes, *coverage, trust::Basis::other_photos);
    for (const std::string& sentence : trust::to_text(*found.rules.sets, a.card.labels)) found.sentences.push_back(sentence);
  }
  find_unknown(a, found);
  if (o.costs) found.rules.costs = trust::read_costs(*o.costs, a.card.task, a.card.labels);
  return found;
}

/// The weights beside the model, with the values that they have in the new one.
void write_weights(const fs::path& before, const fs::path& model, const fs::path& to) {
  std::error_code code;
  if (!fs::exists(before, code)) return;
  const weights::StateDict dict = weights::read_safetensors(before);
  const onnx::ModelProto written = onnx::read_model(model);
  std::vector<graph::Tensor> values;  // kept while they are written
  std::vector<weights::NamedTensor> tensors;
  for (const auto& [name, tensor] : dict.tensors) {
    const auto found = written.initialisers.find(name);
    const auto floats = found == written.initialisers.end() ? std::nullopt : onnx::to_floats(found->second);
    if (!floats)
      throw data_error(printable(before.string()), fmt::format("its tensor '{}' is not in {}", printable(name), printable(model.filename().string())),
                       "the files of the run do not belong together: remove the weights, or take both from a copy of the run");
    values.push_back(*floats);
    tensors.push_back({name, tensor.shape, floats->values});
  }
  weights::write_safetensors(to, tensors, dict.metadata, Sync::later);
}

/// What the model with its new rules says to the photos it was given, and what its last layer reads of them: for `graft drift` and `graft verify`.
void write_photos(const artifact::KnownPhotosOf& of, LabelledAnswers& a) {
  const std::size_t classes = of.card.labels.size();
  std::vector<float> probabilities = a.logits;
  eval::to_probabilities(of.card.task, probabilities, classes);
  const auto decisions = trust::decide_all(of.card.trust, of.card.task, classes, a.logits, probabilities, a.features);
  write_file(of.folder / "predictions.csv", artifact::answers_csv(a.samples, probabilities, decisions, of.card, of.run), Sync::later);
  const std::size_t width = a.features.size() / a.samples.size();
  std::vector<int> labels;
  for (const data::Sample& sample : a.samples) labels.push_back(std::max(sample.label, 0));
  std::vector<fs::path> paths;
  std::vector<float> rows;
  for (const std::size_t i : trust::balanced(labels, artifact::kMostKnownPhotos, 0)) {
    paths.push_back(a.samples[i].path);
    const auto row = std::span(a.features).subspan(i * width, width);
    rows.insert(rows.end(), row.begin(), row.end());
  }
  artifact::write_known_photos(of, artifact::kValidationIndex, paths, rows, width);
}

void write(const CalibrateOptions& o, LabelledAnswers& answers, const Recalibrated& found) {
  artifact::ModelCard card = answers.card;
  card.trust = found.rules;
  card.provenance["calibrated_on"] = {{"name", printable(o.photos.data.filename().string())}, {"photos", answers.samples.size()}};
  const fs::path file = artifact::model_file(o.model);
  const std::optional<std::string> onnx = artifact::with_divided_answer(file, found.temperature, card);
  if (!onnx)
    throw data_error(printable(file.string()), "does not end in a linear layer that a temperature could be put into",
                     "use a model.onnx made by `graft fit`");
  AtomicFolder folder(o.out);
  write_file(folder.path() / "model.onnx", *onnx, Sync::later);
  write_weights(file.parent_path() / "weights.safetensors", folder.path() / "model.onnx", folder.path() / "weights.safetensors");
  std::error_code code;
  const fs::path seen = file.parent_path() / artifact::kTrainedOn;
  if (fs::exists(seen, code)) fs::copy_file(seen, folder.path() / artifact::kTrainedOn);
  const artifact::KnownPhotosOf of{folder.path(), o.out, card};
  artifact::copy_training_photos(o.model, of);
  write_photos(of, answers);
  folder.commit();
}

}  // namespace

CommandReference calibrate_reference() { return reference_of<CalibrateOptions>(kCalibrateText); }

int calibrate_command(std::span<const std::string> words) {
  const auto config = read_config<CalibrateOptions>(kCalibrateText, words);
  if (!config) return 0;
  const CalibrateOptions& o = config->values;
  check_request(o, artifact::load_card(o.model));
  AskedPhotos photos = o.photos;
  photos.features = true;
  LabelledAnswers answers = answer_labelled(o.model, photos, o.inference, o.output);
  check_photos(o, answers);
  const Recalibrated found = find(o, answers);
  write(o, answers, found);
  const std::string out = printable(o.out.string());
  if (o.output.json) {
    nlohmann::ordered_json json{{"model", out + "/model.onnx"}, {"photos", answers.samples.size()}};
    if (o.temperature == Temperature::automatic) json["calibration"] = trust::to_json(found.tempering, trust::Basis::other_photos);
    json["rules"] = trust::to_json(found.rules);
    print(json.dump(2) + "\n");
    return 0;
  }
  std::string text;
  for (const std::string& sentence : found.sentences) text += sentence + "\n";
  print(text + fmt::format("\nmodel: {}/model.onnx\nnext:  graft eval {} DATA, with photos other than these\n", out, shell_word(o.out.string())));
  return 0;
}

}  // namespace graft::cli

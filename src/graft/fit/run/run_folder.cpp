#include "graft/fit/run/run_folder.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

#include "graft/artifact/answers.h"
#include "graft/artifact/trained_on.h"
#include "graft/base/config_paths.h"
#include "graft/base/files.h"
#include "graft/base/json.h"
#include "graft/base/text.h"
#include "graft/data/sample_weights.h"
#include "graft/fit/head/reweight.h"
#include "graft/fit/run/training_log.h"
#include "graft/weights/file/safetensors.h"

namespace graft::fit {
namespace fs = std::filesystem;
namespace {

constexpr int kHistorySchema = 1;  // docs/history.schema.json; a reader's reason to look again is a higher one

}  // namespace

fs::path default_run_folder(const fs::path& data) {
  std::error_code code;
  fs::path whole = fs::weakly_canonical(data, code);
  if (code) whole = data;
  const std::string name = fs::is_directory(whole, code) ? whole.filename().string() : whole.stem().string();
  const std::time_t now = std::time(nullptr);
  const std::string base = fmt::format("{}-{:%Y%m%d-%H%M%S}", name, fmt::localtime(now));
  fs::path folder = fs::path("runs") / base;
  for (int i = 2; fs::exists(folder, code); ++i) folder = fs::path("runs") / fmt::format("{}-{}", base, i);
  return folder;
}

nlohmann::ordered_json provenance(const Configured<FitConfig>& config, const weights::Pretrained& pretrained, const data::Splits& splits,
                                  std::size_t train_images) {
  const FitConfig& c = config.values;
  return {{"graft", GRAFT_VERSION},
          {"strategy", transfer::to_string(c.strategy.value())},
          {"backbone", printable(fs::path(c.backbone).filename().string())},  // a file without its place
          {"weights", {{"file", printable(pretrained.file.filename().string())}, {"sha256", pretrained.sha256}}},
          {"data", {{"name", printable(c.data.filename().string())}, {"classes", splits.classes.size()}, {"train_images", train_images}}},
          {"features", c.features == FeatureSet::stages ? "stages" : "last"},
          {"mirror", c.mirror.value_or(false)},
          {"l2", c.l2 ? nlohmann::ordered_json(*c.l2) : nlohmann::ordered_json()},  // no head was solved
          {"seed", c.seed}};
}

void write_model(const fs::path& folder, const RunFiles& files) {
  write_file(folder / "model.onnx", artifact::to_onnx(files.graph, files.card), Sync::later);
  std::vector<weights::NamedTensor> tensors;
  for (const graph::Parameter& p : files.graph.parameters) tensors.push_back({p.name, p.shape, p.tensor.values});
  weights::write_safetensors(folder / "weights.safetensors", tensors, {{"graft.provenance", files.card.provenance.dump()}}, Sync::later);
}

nlohmann::ordered_json history_of(const nlohmann::ordered_json& phases) { return {{"schema", kHistorySchema}, {"phases", phases}}; }

void write_records(const fs::path& folder, const Configured<FitConfig>& config, const RunFiles& files, const nlohmann::ordered_json& phases,
                   const FitResult& result, const artifact::Predictions& predictions) {
  write_file(folder / "config.toml", toml_text(written_in(result.run, config)), Sync::later);
  nlohmann::ordered_json history = history_of(phases);
  if (!files.reweighting.is_null()) history["reweighting"] = without_weights(files.reweighting);
  if (!files.sources.is_null()) history["sources"] = files.sources;
  if (!files.trust.is_null()) history["trust"] = files.trust;
  if (result.unlabeled) history["unlabeled"] = to_json(*result.unlabeled);
  if (result.adaptation) history["adaptation"] = to_json(*result.adaptation);
  write_json(folder / "history.json", history, Sync::later);
  if (phases.back().contains("epochs")) write_file(folder / "history.csv", history_csv(phases.back()["epochs"]), Sync::later);
  if (!data::weights_of(files.train).empty())
    write_file(folder / "sample_weights.csv", data::weights_csv(files.train, config.values.data), Sync::later);
  write_file(folder / artifact::kTrainedOn, artifact::trained_on_npy(files.trained_on), Sync::later);
  nlohmann::ordered_json evaluation = evaluation_json(result.evaluation, result.leaked);
  if (result.groups) evaluation["groups"] = eval::to_json(*result.groups);
  if (result.balanced) evaluation["balance_groups"] = to_json(*result.balanced);
  write_json(folder / "eval.json", evaluation, Sync::later);
  write_json(folder / "doctor.json", files.doctor, Sync::later);
  const std::vector<trust::Decision> decisions = trust::decide_all(files.card.trust, files.card.task, files.card.labels.size(), predictions.logits,
                                                                   predictions.probabilities, predictions.features);
  write_file(folder / "predictions.csv", artifact::answers_csv(files.val, predictions.probabilities, decisions, files.card, result.run), Sync::later);
}

}  // namespace graft::fit

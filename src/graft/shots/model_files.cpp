#include "graft/shots/model_files.h"

#include "graft/artifact/trained_on.h"
#include "graft/base/files.h"
#include "graft/base/json.h"
#include "graft/fit/run/run_folder.h"
#include "graft/shots/network.h"

namespace graft::shots {
namespace fs = std::filesystem;
namespace {

std::vector<std::size_t> photos_of(const Support& support) {
  std::vector<std::size_t> counts(support.classes.size());
  for (const int label : support.labels) ++counts[static_cast<std::size_t>(label)];
  return counts;
}

nlohmann::ordered_json to_json(const Tried& tried) {
  nlohmann::ordered_json json{{"rule", head::to_string(tried.rule)}, {"strength", tried.solved.strength}, {"temperature", tried.temperature}};
  if (tried.left_out)
    json["left_out"] = {{"photos", tried.left_out->photos}, {"accuracy", tried.left_out->accuracy}, {"log_loss", tried.left_out->log_loss}};
  return json;
}

}  // namespace

nlohmann::ordered_json to_json(const Learnt& learnt) {
  nlohmann::ordered_json json = to_json(learnt.taken);
  json["reason"] = learnt.reason;
  json["tried"] = nlohmann::ordered_json::array();
  for (const Tried& tried : learnt.tried) json["tried"].push_back(to_json(tried));
  return json;
}

Made make_model(const graph::Graph& backbone, const data::Preprocess& preprocess, const Kept& kept, nlohmann::ordered_json provenance,
                const std::string& source, ThreadPool& pool) {
  Made made{.learnt = learn(kept.support, kept.rule, kept.centre, kept.seed, source, pool), .graph = {}, .card = {}};
  made.graph = with_rule(backbone, made.learnt.centre, made.learnt.taken.solved.head);
  provenance["rule"] = head::to_string(made.learnt.taken.rule);
  provenance["data"]["classes"] = kept.support.classes.size();
  provenance["data"]["train_images"] = kept.support.labels.size();
  made.card = {.labels = kept.support.classes,
               .preprocess = preprocess,
               .precision = engine::Precision::float32,
               .provenance = std::move(provenance)};
  if (const auto& left_out = made.learnt.taken.left_out)
    made.card.trust.calibration = trust::Calibration{made.learnt.taken.temperature, trust::Basis::cross_validation, left_out->photos};
  return made;
}

void write_model_files(const fs::path& folder, const Made& made, const Kept& kept, const std::vector<std::string>& history) {
  const std::vector<data::Sample> none;
  fit::write_model(folder, {.graph = made.graph, .card = made.card, .val = none, .train = none});
  write_file(folder / artifact::kTrainedOn, artifact::trained_on_npy(kept.hashes), Sync::later);
  write_kept(folder, kept);
  nlohmann::ordered_json record = to_json(made.learnt);
  const std::vector<std::size_t> counts = photos_of(kept.support);
  for (std::size_t k = 0; k < counts.size(); ++k) record["classes"].push_back({{"name", kept.support.classes[k]}, {"photos", counts[k]}});
  record["history"] = history;
  write_json(folder / kRecordFile, record, Sync::later);
}

std::vector<std::string> read_history(const fs::path& run) {
  std::error_code code;
  if (!fs::exists(run / kRecordFile, code)) return {};
  const nlohmann::ordered_json record = read_json(run / kRecordFile);
  std::vector<std::string> history;
  if (const auto found = record.find("history"); found != record.end() && found->is_array())
    for (const auto& sentence : *found)
      if (sentence.is_string()) history.push_back(sentence.get<std::string>());
  return history;
}

std::vector<float> logits_of(const Made& made, std::vector<float> values, std::size_t width) {
  head::make_unit(values, width, made.learnt.centre);
  const head::LinearHead& layer = made.learnt.taken.solved.head;
  std::vector<float> logits(values.size() / width * layer.classes);
  head::logits(layer, {values, values.size() / width, width}, logits);
  return logits;
}

Result result_of(const fs::path& run, Made&& made, const Kept& kept) {
  return {.run = run,
          .classes = kept.support.classes,
          .photos = photos_of(kept.support),
          .learnt = std::move(made.learnt),
          .rules = std::move(made.card.trust),
          .query = {}};
}

}  // namespace graft::shots

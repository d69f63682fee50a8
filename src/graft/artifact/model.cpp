#include "graft/artifact/model.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/text.h"
#include "graft/onnx/divide_answer.h"
#include "graft/onnx/read.h"
#include "graft/onnx/write.h"

namespace graft::artifact {
namespace fs = std::filesystem;
namespace {

constexpr const char* kLabels = "graft.labels";
constexpr const char* kPreprocess = "graft.preprocess";
constexpr const char* kPrecision = "graft.precision";
constexpr const char* kProvenance = "graft.provenance";
constexpr const char* kTask = "graft.task";
constexpr const char* kTrust = "graft.trust";

nlohmann::json parse_entry(const onnx::Metadata& metadata, const char* key, const std::string& name) {
  const auto found = metadata.find(key);
  if (found == metadata.end())
    throw data_error(name, std::string("no '") + key + "' in its metadata, which graft writes into every model",
                     "use a model.onnx made by `graft fit`");
  nlohmann::json value = nlohmann::json::parse(found->second, nullptr, false);
  if (value.is_discarded()) throw data_error(name, std::string("its metadata '") + key + "' is not JSON", "use a model.onnx made by `graft fit`");
  return value;
}

std::vector<std::string> parse_labels(const nlohmann::json& json, const std::string& name) {
  std::vector<std::string> labels;
  const bool strings = json.is_array() && std::all_of(json.begin(), json.end(), [](const auto& label) { return label.is_string(); });
  if (!strings || json.empty()) throw data_error(name, "its labels are not a list of names", "use a model.onnx made by `graft fit`");
  return json.get<std::vector<std::string>>();
}

data::Task parse_task(const nlohmann::json& task, const std::string& name) {
  const auto known = task.is_string() ? data::task_named(task.get<std::string>()) : std::nullopt;
  if (!known || *known == data::Task{})
    throw data_error(name, fmt::format("its task is {}, expected \"{}\" or none", printable(task.dump()), data::MultiLabel::kName),
                     "use a newer graft");
  return *known;
}

ModelCard read_card(const onnx::Header& header, const std::string& name) {
  ModelCard card;
  card.labels = parse_labels(parse_entry(header.metadata, kLabels, name), name);
  card.preprocess = data::preprocess_from_json(parse_entry(header.metadata, kPreprocess, name), name);
  card.precision = parse_entry(header.metadata, kPrecision, name) == "bf16" ? engine::Precision::bf16 : engine::Precision::float32;
  card.provenance = parse_entry(header.metadata, kProvenance, name);
  if (header.metadata.contains(kTask)) card.task = parse_task(parse_entry(header.metadata, kTask, name), name);
  if (header.metadata.contains(kTrust))
    card.trust = trust::rules_from_json(parse_entry(header.metadata, kTrust, name), card.task, card.labels.size(), name);
  return card;
}

}  // namespace

fs::path model_file(const fs::path& path) {
  std::error_code code;
  const std::string name = printable(path.string());
  if (!fs::exists(path, code)) throw data_error(name, "no such run folder or model.onnx", "train one with `graft fit PHOTOS`");
  if (!fs::is_directory(path, code)) return path;
  if (fs::exists(path / "model.onnx", code)) return path / "model.onnx";
  if (fs::exists(path / kEncoder, code))
    throw data_error(name, "holds an encoder, a network without classes, and no model.onnx", "train a model on it: graft fit PHOTOS --from " + name);
  throw data_error(name, "not a run folder: it holds no model.onnx", "train one with `graft fit PHOTOS`");
}

fs::path network_file(const fs::path& path) {
  std::error_code code;
  const bool encoder = fs::is_directory(path, code) && !fs::exists(path / "model.onnx", code) && fs::exists(path / kEncoder, code);
  return encoder ? path / kEncoder : model_file(path);
}

nlohmann::ordered_json load_provenance(const fs::path& path) {
  const fs::path file = network_file(path);
  const std::string name = printable(file.string());
  const onnx::Metadata metadata = onnx::read_header(MappedFile(file).bytes(), name).metadata;
  parse_entry(metadata, kPreprocess, name);  // without it, it is not of graft
  return metadata.contains(kProvenance) ? nlohmann::ordered_json(parse_entry(metadata, kProvenance, name)) : nlohmann::ordered_json::object();
}

std::string encoder_to_onnx(const graph::Graph& encoder, const data::Preprocess& preprocess, const nlohmann::ordered_json& provenance) {
  return onnx::write(encoder, {{kPreprocess, data::to_json(preprocess).dump()}, {kProvenance, provenance.dump()}});
}

ModelFile open_model(const fs::path& path) {
  const fs::path file = model_file(path);
  ModelFile opened{printable(file.string()), read_file(file), {}};
  const onnx::Header header = onnx::read_header(opened.bytes, opened.name);
  opened.card = read_card(header, opened.name);
  if (header.output != graph::Dims{static_cast<int64_t>(opened.card.labels.size())})
    throw data_error(opened.name, fmt::format("{} labels for outputs of {}", opened.card.labels.size(), graph::to_string(header.output)),
                     "use a model.onnx made by `graft fit`");
  return opened;
}

namespace {

onnx::Metadata metadata_of(const ModelCard& card) {
  onnx::Metadata metadata{{kLabels, nlohmann::json(card.labels).dump()},
                          {kPreprocess, data::to_json(card.preprocess).dump()},
                          {kPrecision, nlohmann::json(to_string(card.precision)).dump()},
                          {kProvenance, card.provenance.dump()}};
  if (card.task != data::Task{}) metadata[kTask] = nlohmann::json(data::name_of(card.task)).dump();
  if (!card.trust.empty()) metadata[kTrust] = trust::to_json(card.trust).dump();
  return metadata;
}

}  // namespace

engine::Precision precision_of(const ModelCard& card, engine::Precision asked) {
  if (asked != engine::Precision::automatic) return asked;
  return engine::has_native_bf16() ? card.precision : engine::Precision::float32;
}

std::string to_onnx(const graph::Graph& graph, const ModelCard& card) { return onnx::write(graph, metadata_of(card)); }

std::optional<std::string> with_divided_answer(const fs::path& file, double by, const ModelCard& card) {
  return onnx::with_divided_answer(onnx::read_model(file), by, metadata_of(card));
}

bool is_graft_model(const fs::path& path) {
  std::error_code code;
  if (fs::is_directory(path, code)) return true;
  const MappedFile file(path);
  const onnx::Header header = onnx::read_header(file.bytes(), printable(path.string()));
  return std::ranges::any_of(header.metadata, [](const auto& entry) { return entry.first.starts_with("graft."); });
}

ModelCard load_card(const fs::path& path) { return open_model(path).card; }

}  // namespace graft::artifact

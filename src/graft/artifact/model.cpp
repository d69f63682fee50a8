#include "graft/artifact/model.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/text.h"
#include "graft/eval/evaluation.h"
#include "graft/eval/multi_label.h"
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
constexpr const char* kMultiLabel = "multi-label";

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

ModelCard read_card(const onnx::Header& header, const std::string& name) {
  ModelCard card;
  card.labels = parse_labels(parse_entry(header.metadata, kLabels, name), name);
  card.preprocess = data::preprocess_from_json(parse_entry(header.metadata, kPreprocess, name), name);
  card.precision = parse_entry(header.metadata, kPrecision, name) == "bf16" ? engine::Precision::bf16 : engine::Precision::float32;
  card.provenance = parse_entry(header.metadata, kProvenance, name);
  if (!header.metadata.contains(kTask)) return card;
  const nlohmann::json task = parse_entry(header.metadata, kTask, name);
  if (task != kMultiLabel)
    throw data_error(name, fmt::format("its task is {}, expected \"{}\" or none", printable(task.dump()), kMultiLabel), "use a newer graft");
  card.task = Task::multi_label;
  return card;
}

}  // namespace

fs::path model_file(const fs::path& path) {
  std::error_code code;
  const std::string name = printable(path.string());
  if (!fs::exists(path, code)) throw data_error(name, "no such run folder or model.onnx", "train one with `graft fit PHOTOS`");
  if (!fs::is_directory(path, code)) return path;
  if (fs::exists(path / "model.onnx", code)) return path / "model.onnx";
  throw data_error(name, "not a run folder: it holds no model.onnx", "train one with `graft fit PHOTOS`");
}

namespace {

struct Opened {
  std::string name;
  std::vector<std::byte> bytes;
  ModelCard card;
};

Opened open(const fs::path& path) {
  const fs::path file = model_file(path);
  Opened opened{printable(file.string()), read_file(file), {}};
  const onnx::Header header = onnx::read_header(opened.bytes, opened.name);
  opened.card = read_card(header, opened.name);
  if (header.output != graph::Dims{static_cast<int64_t>(opened.card.labels.size())})
    throw data_error(opened.name, fmt::format("{} labels for outputs of {}", opened.card.labels.size(), graph::to_string(header.output)),
                     "use a model.onnx made by `graft fit`");
  return opened;
}

}  // namespace

std::string to_onnx(const graph::Graph& graph, const ModelCard& card) {
  onnx::Metadata metadata{{kLabels, nlohmann::json(card.labels).dump()},
                          {kPreprocess, data::to_json(card.preprocess).dump()},
                          {kPrecision, nlohmann::json(to_string(card.precision)).dump()},
                          {kProvenance, card.provenance.dump()}};
  if (card.task == Task::multi_label) metadata[kTask] = nlohmann::json(kMultiLabel).dump();
  return onnx::write(graph, metadata);
}

void to_probabilities(std::span<float> logits, std::size_t classes, Task task) {
  if (task == Task::multi_label) eval::sigmoid(logits);
  else eval::softmax(logits, classes);
}

bool is_graft_model(const fs::path& path) {
  std::error_code code;
  if (fs::is_directory(path, code)) return true;
  const MappedFile file(path);
  const onnx::Header header = onnx::read_header(file.bytes(), printable(path.string()));
  return std::ranges::any_of(header.metadata, [](const auto& entry) { return entry.first.starts_with("graft."); });
}

ModelCard load_card(const fs::path& path) { return open(path).card; }

Model load_model(const fs::path& path, const LoadModelOptions& options) {
  Opened opened = open(path);
  return start_model(std::move(opened.name), std::string(as_text(opened.bytes)), std::move(opened.card), options);
}

Model start_model(std::string name, std::string onnx, ModelCard card, const LoadModelOptions& options) {
  engine::Precision precision = options.precision;
  if (precision == engine::Precision::automatic) precision = engine::has_native_bf16() ? card.precision : engine::Precision::float32;
  auto compile = [onnx = std::move(onnx), name, preprocess = card.preprocess,
                  engine_options = engine::EngineOptions{precision, options.threads, options.batch}] {
    return std::make_shared<engine::Engine>(onnx, name, preprocess, engine_options);
  };
  return {std::move(name), std::move(card), precision, options.batch, std::async(std::launch::async, std::move(compile)).share()};
}

namespace {

class OnlyCaller {
 public:
  explicit OnlyCaller(const Model& model) : busy_(*model.busy) {
    if (busy_.test_and_set())
      throw std::logic_error(model.path + ": predict() while another predict() with the same Model is at work; give each thread a Model of its own");
  }
  ~OnlyCaller() { busy_.clear(); }
  OnlyCaller(const OnlyCaller&) = delete;
  OnlyCaller& operator=(const OnlyCaller&) = delete;

 private:
  std::atomic_flag& busy_;
};

}  // namespace

Predictions predict(Model& model, const std::vector<fs::path>& paths, int threads, const std::function<void(std::size_t)>& advance,
                    data::TestViews views) {
  const OnlyCaller only(model);
  const std::size_t classes = model.classes();
  const std::vector<image::CropAt> crops = data::crops_of(views);
  Predictions result;
  result.logits.resize(paths.size() * classes);
  result.hashes.resize(paths.size());
  std::vector<float> out;
  std::size_t looked = 0, told = 0;  // at views; photos that `advance` knows of
  for (const image::CropAt& at : crops) {
    data::Loader loader(paths, model.card.preprocess, {.batch = model.batch, .threads = threads, .at = at});
    while (auto batch = loader.next()) {
      check_interrupted();
      out.resize(batch->indices.size() * classes);
      model.engine.get()->run(batch->pixels, batch->indices.size(), out);
      for (std::size_t i = 0; i < batch->indices.size(); ++i) result.hashes[batch->indices[i]] = batch->hashes[i];
      for (std::size_t i = 0; i < batch->indices.size(); ++i)
        for (std::size_t c = 0; c < classes; ++c)
          result.logits[batch->indices[i] * classes + c] += out[i * classes + c] / static_cast<float>(crops.size());
      looked += batch->indices.size();
      if (advance) advance(looked / crops.size() - told);
      told = looked / crops.size();
      loader.recycle(std::move(*batch));
    }
    result.unreadable = loader.unreadable();
  }
  result.probabilities = result.logits;
  to_probabilities(result.probabilities, classes, model.card.task);
  return result;
}

}  // namespace graft::artifact

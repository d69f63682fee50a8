#include "graft/engine/onnx_network.h"

#include <fmt/format.h>

#include <algorithm>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/engine/batch.h"
#include "graft/graph/walks.h"
#include "graft/models/join.h"
#include "graft/onnx/fields.h"
#include "graft/onnx/foreign.h"
#include "graft/onnx/free_batch.h"
#include "graft/onnx/quantised.h"
#include "graft/weights/file/state_dict.h"

namespace graft::engine {
namespace fs = std::filesystem;
namespace {

constexpr int kDefaultSize = 224, kSmallest = 8, kLargest = 1024;  // as --size
constexpr int kLargestMargin = 2;
constexpr std::size_t kListed = 6;

std::optional<data::Preprocess> written_by_graft(const onnx::ModelProto& model) {
  const auto written = model.metadata.find("graft.preprocess");
  if (written == model.metadata.end()) return std::nullopt;
  const nlohmann::json json = nlohmann::json::parse(written->second, nullptr, false);
  if (json.is_discarded()) throw data_error(model.path, "its metadata 'graft.preprocess' is not JSON", "use a model.onnx made by `graft fit`");
  data::Preprocess preprocess = data::preprocess_from_json(json, model.path);
  preprocess.resize = std::clamp(preprocess.resize, preprocess.crop.shorter(), kLargestMargin * preprocess.crop.shorter());
  return preprocess;
}

onnx::ImageInput for_order(const onnx::ImageInput& input, bool bgr) {
  onnx::ImageInput ordered = input;
  ordered.bgr = bgr;
  return ordered;
}

/// Tensors that a head could look at, the last ones: "a 512, b 256x7x7".
std::string better_tensors(const OnnxNetwork& network) {
  std::vector<std::string> names;
  for (const NamedTensor& t : tensors(network.model, network.input, onnx::find_tensor(network.model, ""), network.size)) {
    const int64_t features = t.dims.size() == 2 ? t.dims[1] : t.dims[0];
    if (features >= kFewestFeatures) names.push_back(t.name + " " + graph::to_string(t.dims));
  }
  if (names.size() > kListed) names.erase(names.begin(), names.end() - kListed);
  return fmt::format("{}", fmt::join(names, ", "));
}

/// Behind which value the features are averaged over places: (C, H, W) or (T, C); else empty.
graph::Dims averaged_map(const graph::Graph& graph) {
  const graph::Graph features = graph::features(graph);
  const graph::Node& last = features.nodes[features.output()];
  const auto* average = std::get_if<graph::GlobalAveragePool>(&last.op);
  if (average == nullptr) return {};
  const graph::Node& before = features.nodes[static_cast<std::size_t>(last.inputs[0])];
  return before.dims;
}

/// Boxes of a detector: rows of 4 to 7 numbers, or of 4 and those of the classes, many a picture.
bool looks_like_boxes(const onnx::ValueProto& output) {
  const std::string name = lower(output.name);
  if (name.find("box") != name.npos || name.find("detection") != name.npos) return true;
  if (!output.shape || output.shape->size() != 3) return false;
  const int64_t a = (*output.shape)[1], b = (*output.shape)[2];
  const auto box = [](int64_t d) { return (d >= 4 && d <= 7) || d == 84 || d == 85; };
  return (box(a) && b > 100) || (box(b) && a > 100);
}

/// `free`: without the batch of one that its nodes hold.
OnnxNetwork opened(const fs::path& file, std::optional<Size> size, const std::string& tensor, bool free) {
  std::error_code code;
  if (fs::is_directory(file, code))
    throw data_error(printable(file.string()), "is a folder that TensorFlow saved, expected an ONNX file",
                     "write it as ONNX: python -m tf2onnx.convert --saved-model FOLDER --output model.onnx");
  OnnxNetwork network{.model = onnx::read_model(file), .tensor = tensor};
  network.input = onnx::image_input(network.model);
  network.input_name = printable(network.input.name);
  network.written = written_by_graft(network.model);
  const auto& shape = network.model.inputs.front().shape;
  network.takes_one = shape && shape->front() == 1;
  onnx::dequantise_operators(network.model);
  network.batch_freed = free && onnx::free_batch(network.model);
  network.scale = onnx::take_input_scale(network.model, network.input);
  if (network.input.type != onnx::tensor::kFloat32 && network.input.type != onnx::tensor::kFloat16)
    throw data_error(network.model.path, fmt::format("its input '{}' is of bytes, and no Cast turns them into floats", network.input_name),
                     "export the model for pictures in float32");
  network.told = onnx::told_by(network.scale);
  network.size = size ? *size : network.input.size.value_or(kDefaultSize);
  if (network.size.shorter() < kSmallest || network.size.longer() > kLargest)
    throw data_error(network.model.path, fmt::format("pictures of {}, expected sides of {} to {}", both_sides(network.size), kSmallest, kLargest),
                     "export it for such a size, or with dynamic height and width");
  network.features = tensor.empty() ? onnx::default_tensor(network.model) : onnx::find_tensor(network.model, tensor);
  onnx::refuse_dynamic_int8(network.model, network.features);
  network.reading = onnx::read_graph(network.model, network.input, network.size, tensor);
  return network;
}

}  // namespace

bool is_onnx_file(const std::string& backbone) {
  std::error_code code;
  return backbone.ends_with(".onnx") || fs::is_regular_file(backbone, code) || fs::exists(fs::path(backbone) / "saved_model.pb", code);
}

void check_there(const std::string& onnx_file) {
  std::error_code code;
  if (!fs::exists(onnx_file, code))
    throw data_error(
        printable(onnx_file), "no such file",
        models::is_join(onnx_file) ? "only networks that `graft models` lists can be joined, not files" : "see `graft models` for networks by name");
}

OnnxNetwork read_onnx(const fs::path& file, std::optional<Size> size, const std::string& tensor) {
  OnnxNetwork network = opened(file, size, tensor, false);
  if (network.reading.graph || !network.takes_one || takes(network.model, network.input, network.features, network.size, 2)) return network;
  OnnxNetwork freed = opened(file, size, tensor, true);
  if (!freed.batch_freed || !same_in_a_batch(network.model, freed.model, network.input, network.features, network.size)) return network;
  return freed;
}

data::Preprocess preprocess_of(const OnnxNetwork& network, const onnx::PictureScale& scale) {
  data::Preprocess preprocess = network.written.value_or(data::Preprocess{});
  const onnx::PictureScale joined = onnx::joined(scale, network.scale);
  preprocess.mean = joined.mean;
  preprocess.std = joined.std;
  if (network.input.channels == 1) {
    const auto average = [](const std::array<float, 3>& x) { return (x[0] + x[1] + x[2]) / 3; };
    preprocess.grey = true;
    preprocess.mean.fill(average(joined.mean));
    preprocess.std.fill(average(joined.std));
  }
  return preprocess;
}

graph::Graph graph_of(const OnnxNetwork& network, const onnx::PictureScale& scale) {
  const bool bgr = network.input.channels == 3 && onnx::joined(scale, network.scale).bgr;
  const onnx::ImageInput input = for_order(network.input, bgr);
  onnx::Reading reading = onnx::read_graph(network.model, input, network.size, network.tensor);
  graph::Graph graph = reading.graph ? std::move(*reading.graph) : opaque(network.model, input, network.features, network.size);
  const int64_t features = graph::feature_count(graph);
  if (network.tensor.empty() && features < kFewestFeatures)
    throw data_error(network.model.path,
                     fmt::format("{} feature{} before its last layer, expected at least {}", features, features == 1 ? "" : "s", kFewestFeatures),
                     "choose where it ends with --tensor: " + better_tensors(network));
  return graph;
}

graph::Graph up_to_output(const OnnxNetwork& network, const onnx::PictureScale& scale) {
  const onnx::ImageInput input = for_order(network.input, network.input.channels == 3 && onnx::joined(scale, network.scale).bgr);
  const graph::Graph graph = opaque(network.model, input, onnx::find_tensor(network.model, ""), network.size);
  const graph::Dims& out = graph.nodes[1].dims;
  if (out.size() != 1)
    throw data_error(network.model.path, fmt::format("its output is {}, expected a number for each class", graph::to_string(out)), kTrainOnIt);
  return graph::features(graph);
}

bool is_frozen(const graph::Graph& graph) {
  return std::ranges::any_of(graph.nodes, [](const graph::Node& node) { return std::holds_alternative<graph::Foreign>(node.op); });
}

std::vector<std::string> remarks_on(const OnnxNetwork& network, const graph::Graph& graph) {
  std::vector<std::string> remarks;
  const std::string& path = network.model.path;
  const int64_t features = graph::feature_count(graph);
  if (is_frozen(graph))
    remarks.push_back(fmt::format("{} is used frozen, up to its tensor {} ({} features), since graft has no operator for it: {}", path,
                                  printable(network.features), features, network.reading.reason));
  else remarks.push_back(fmt::format("{} became a network of {} stages and {} features", path, graph.stages.size(), features));
  if (network.batch_freed) remarks.push_back("it was exported for one picture at a time; it was changed to take several, and gives the same output");
  if (const graph::Dims map = averaged_map(graph); is_frozen(graph) && !map.empty())
    remarks.push_back(fmt::format("its features are the average over a map of {}", graph::to_string(map)));
  std::vector<std::string> outputs;
  for (const onnx::ValueProto& output : network.model.outputs) outputs.push_back(weights::shown(output.name));
  if (outputs.size() > 1)
    remarks.push_back(fmt::format("it has {} outputs, {}: the network is taken up to {}; --tensor names another end", outputs.size(),
                                  first_few(outputs), network.tensor.empty() ? outputs.front() : printable(network.tensor)));
  if (std::ranges::any_of(network.model.outputs, looks_like_boxes))
    remarks.push_back(
        "it looks like a detector: its features are averaged over all positions; name the tensor where its encoder ends with --tensor, see `graft "
        "models FILE`");
  return remarks;
}

}  // namespace graft::engine

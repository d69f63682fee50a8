#include "graft/cli/models_onnx.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "graft/base/text.h"
#include "graft/cli/models_facts.h"
#include "graft/engine/onnx_network.h"
#include "graft/graph/walks.h"

namespace graft::cli {
namespace {

nlohmann::ordered_json to_json(const engine::OnnxNetwork& network, const std::vector<engine::NamedTensor>& tensors) {
  nlohmann::ordered_json json{
      {"file", network.model.path},
      {"producer", printable(network.model.producer)},
      {"input", {{"name", network.input_name}, {"size", data::to_json(network.size)}, {"channels_last", network.input.channels_last}}},
      {"graph", network.reading.graph.has_value()}};
  if (network.reading.graph) {
    json["features"] = graph::feature_count(*network.reading.graph);
    json["multiply_adds"] = graph::multiply_adds(*network.reading.graph);
    for (const StageFacts& s : stages_of(*network.reading.graph, true))
      json["stages"].push_back({{"name", s.name}, {"parameters", s.parameters}, {"output", s.output}});
  } else {
    json["reason"] = network.reading.reason;
  }
  json["tensor"] = printable(network.features);
  json["tensors"] = nlohmann::ordered_json::array();
  for (const engine::NamedTensor& t : tensors) json["tensors"].push_back({{"name", t.name}, {"shape", t.dims}});
  return json;
}

std::string to_text(const engine::OnnxNetwork& network, const std::vector<engine::NamedTensor>& tensors) {
  std::string text = fmt::format("{}: pictures of {} as '{}', channels {}\n", network.model.path, both_sides(network.size), network.input_name,
                                 network.input.channels_last ? "last" : "first");
  if (network.reading.graph) {
    const graph::Graph& graph = *network.reading.graph;
    const std::vector<StageFacts> stages = stages_of(graph, true);  // the head is new and empty where the file has none
    int64_t parameters = 0;
    for (const StageFacts& s : stages) parameters += s.parameters;
    text += fmt::format("becomes a network of {} stages: {} parameters, {:.2f} G multiply-adds, {} features\n\n{:<12} {:>12}  {}\n", stages.size(),
                        with_commas(parameters), static_cast<double>(graph::multiply_adds(graph)) / 1e9, graph::feature_count(graph), "stage",
                        "parameters", "output");
    for (const StageFacts& s : stages) text += fmt::format("{:<12} {:>12}  {}\n", s.name, with_commas(s.parameters), graph::to_string(s.output));
  } else {
    text += fmt::format("is used frozen, up to its tensor {}: graft has no operator for {}\n", printable(network.features), network.reading.reason);
  }
  text += fmt::format("\n{:<40}  {}\n", "tensor for --tensor", "shape");
  for (const engine::NamedTensor& t : tensors) text += fmt::format("{:<40}  {}\n", t.name, graph::to_string(t.dims));
  return text;
}

}  // namespace

void print_onnx(const std::string& file, std::optional<Size> size, const OutputOptions& output) {
  const engine::OnnxNetwork network = engine::read_onnx(file, size, "");
  const auto tensors = engine::tensors(network.model, network.input, onnx::find_tensor(network.model, ""), network.size);
  print(output.json ? to_json(network, tensors).dump(2) + "\n" : to_text(network, tensors));
}

}  // namespace graft::cli

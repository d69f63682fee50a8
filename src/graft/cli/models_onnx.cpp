#include "graft/cli/models_onnx.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "graft/base/text.h"
#include "graft/engine/tensors.h"
#include "graft/fit/backbone.h"
#include "graft/graph/walks.h"

namespace graft::cli {
namespace {

struct Stage {
  std::string name;
  int64_t parameters = 0;
  graph::Dims output;
};

std::vector<Stage> stages_of(const graph::Graph& graph) {
  std::vector<Stage> stages;
  for (const std::string& name : graph.stages) stages.push_back({name, 0, {}});
  for (const graph::Parameter& p : graph.parameters)
    if (!p.buffer && !p.tensor.empty()) stages[static_cast<std::size_t>(p.stage)].parameters += graph::element_count(p.shape);
  for (const graph::Node& n : graph.nodes) stages[static_cast<std::size_t>(n.stage)].output = n.dims;
  return stages;
}

nlohmann::ordered_json to_json(const fit::OnnxNetwork& network, const std::vector<engine::NamedTensor>& tensors) {
  nlohmann::ordered_json json{
      {"file", network.model.path},
      {"producer", printable(network.model.producer)},
      {"input", {{"name", printable(network.input.name)}, {"size", network.size}, {"channels_last", network.input.channels_last}}},
      {"graph", network.reading.graph.has_value()}};
  if (network.reading.graph) {
    json["features"] = graph::features(*network.reading.graph).output_dims()[0];
    json["multiply_adds"] = graph::multiply_adds(*network.reading.graph);
    for (const Stage& s : stages_of(*network.reading.graph))
      json["stages"].push_back({{"name", s.name}, {"parameters", s.parameters}, {"output", s.output}});
  } else {
    json["reason"] = network.reading.reason;
  }
  json["tensor"] = printable(network.features);
  json["tensors"] = nlohmann::ordered_json::array();
  for (const engine::NamedTensor& t : tensors) json["tensors"].push_back({{"name", t.name}, {"shape", t.dims}});
  return json;
}

std::string to_text(const fit::OnnxNetwork& network, const std::vector<engine::NamedTensor>& tensors) {
  std::string text = fmt::format("{}: pictures of {}x{} as '{}', channels {}\n", network.model.path, network.size, network.size,
                                 printable(network.input.name), network.input.channels_last ? "last" : "first");
  if (network.reading.graph) {
    const graph::Graph& graph = *network.reading.graph;
    const std::vector<Stage> stages = stages_of(graph);
    int64_t parameters = 0;
    for (const Stage& s : stages) parameters += s.parameters;
    text += fmt::format("becomes a network of {} stages: {} parameters, {:.2f} G multiply-adds, {} features\n\n{:<12} {:>12}  {}\n", stages.size(),
                        with_commas(parameters), static_cast<double>(graph::multiply_adds(graph)) / 1e9, graph::features(graph).output_dims()[0],
                        "stage", "parameters", "output");
    for (const Stage& s : stages) text += fmt::format("{:<12} {:>12}  {}\n", s.name, with_commas(s.parameters), graph::to_string(s.output));
  } else {
    text += fmt::format("is used frozen, up to its tensor {}: graft has no operator for {}\n", printable(network.features), network.reading.reason);
  }
  text += fmt::format("\n{:<40}  {}\n", "tensor for --tensor", "shape");
  for (const engine::NamedTensor& t : tensors) text += fmt::format("{:<40}  {}\n", t.name, graph::to_string(t.dims));
  return text;
}

}  // namespace

void print_onnx(const std::string& file, const OutputOptions& output) {
  const fit::OnnxNetwork network = fit::read_onnx(file, std::nullopt, "");
  const auto tensors = engine::tensors(network.model, network.input, onnx::find_tensor(network.model, ""), network.size);
  print(output.json ? to_json(network, tensors).dump(2) + "\n" : to_text(network, tensors));
}

}  // namespace graft::cli

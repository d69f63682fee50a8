#include "graft/explain/network.h"

#include <algorithm>
#include <utility>

#include "graft/base/files.h"
#include "graft/engine/onnx_network.h"
#include "graft/onnx/read_back.h"

namespace graft::explain {
namespace {

bool is_mirrored(const graph::Graph& graph) {
  return std::ranges::any_of(graph.nodes, [](const graph::Node& node) { return std::holds_alternative<graph::MirrorViews>(node.op); });
}

/// The whole of it as a Graph: graft's own files as they were written, those that are not by what their nodes mean.
onnx::Reading read(const std::filesystem::path& file, Size size) {
  onnx::Reading reading = onnx::read_back(onnx::read_model(file));
  return reading.graph ? std::move(reading) : engine::read_onnx(file, size, "").reading;
}

}  // namespace

Network open_network(const std::filesystem::path& model) {
  artifact::ModelFile file = artifact::open_model(model);
  Network network{.name = file.name, .onnx = std::string(as_text(file.bytes)), .card = std::move(file.card), .graph = {}, .no_graph = {}};
  onnx::Reading reading = read(artifact::model_file(model), network.card.preprocess.crop);
  if (!reading.graph) {
    network.no_graph = reading.reason;
    return network;
  }
  network.mirror = is_mirrored(*reading.graph);
  network.graph = one_view(std::move(*reading.graph));
  return network;
}

std::string no_graph(const Network& network) { return "graft has no operator for " + network.no_graph; }

graph::Graph one_view(graph::Graph graph) {
  graph.outputs = graph.named_outputs();
  std::vector<int> now;  // by node of both views
  std::vector<graph::Node> nodes;
  for (graph::Node& node : graph.nodes) {
    for (int& from : node.inputs) from = now[static_cast<std::size_t>(from)];
    const bool views = std::holds_alternative<graph::MirrorViews>(node.op) || std::holds_alternative<graph::MeanOfViews>(node.op);
    now.push_back(views ? node.inputs[0] : static_cast<int>(nodes.size()));
    if (!views) nodes.push_back(std::move(node));
  }
  for (graph::Output& output : graph.outputs) output.node = now[static_cast<std::size_t>(output.node)];
  graph.nodes = std::move(nodes);
  return graph;
}

}  // namespace graft::explain

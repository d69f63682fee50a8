#include "graft/explain/network.h"

#include <algorithm>
#include <utility>

#include "graft/base/files.h"
#include "graft/engine/onnx_network.h"

namespace graft::explain {
namespace {

bool is_mirrored(const graph::Graph& graph) {
  return std::ranges::any_of(graph.nodes, [](const graph::Node& node) { return std::holds_alternative<graph::MirrorViews>(node.op); });
}

}  // namespace

Network open_network(const std::filesystem::path& model) {
  artifact::ModelFile file = artifact::open_model(model);
  Network network{.name = file.name, .onnx = std::string(as_text(file.bytes)), .card = std::move(file.card), .graph = {}, .no_graph = {}};
  engine::OnnxNetwork read = engine::read_onnx(artifact::model_file(model), network.card.preprocess.crop, "");
  if (!read.reading.graph) {
    network.no_graph = read.reading.reason;
    return network;
  }
  network.mirror = is_mirrored(*read.reading.graph);
  network.graph = one_view(std::move(*read.reading.graph));
  return network;
}

std::string no_graph(const Network& network) { return "graft has no operator for " + network.no_graph; }

graph::Graph one_view(graph::Graph graph) {
  const auto seen = [&](int node) {
    while (std::holds_alternative<graph::MirrorViews>(graph.nodes[static_cast<std::size_t>(node)].op) ||
           std::holds_alternative<graph::MeanOfViews>(graph.nodes[static_cast<std::size_t>(node)].op))
      node = graph.nodes[static_cast<std::size_t>(node)].inputs[0];
    return node;
  };
  graph.outputs = graph.named_outputs();
  for (graph::Node& node : graph.nodes)
    for (int& from : node.inputs) from = seen(from);
  for (graph::Output& output : graph.outputs) output.node = seen(output.node);
  return graph;
}

}  // namespace graft::explain

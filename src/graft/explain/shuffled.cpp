#include "graft/explain/shuffled.h"

#include "graft/artifact/model.h"
#include "graft/base/rng.h"

namespace graft::explain {

std::vector<Forgetting> forgettings(const graph::Graph& graph) {
  std::vector<std::size_t> layers;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i)
    if (!graph.nodes[i].parameters.empty()) layers.push_back(i);
  std::vector<Forgetting> list;
  if (layers.size() > 1) list.push_back({"the last layer", layers.back()});
  if (layers.size() > 3) list.push_back({"the upper half", layers[layers.size() / 2]});
  if (!layers.empty()) list.push_back({"all layers", layers.front()});
  return list;
}

Network shuffled(const Network& network, std::size_t first_node, uint64_t seed) {
  Network out = network;
  for (std::size_t i = first_node; i < out.graph->nodes.size(); ++i)
    for (const int p : out.graph->nodes[i].parameters) {
      graph::Parameter& parameter = out.graph->parameters[static_cast<std::size_t>(p)];
      if (parameter.buffer) continue;
      std::vector<float> values(parameter.tensor.values.begin(), parameter.tensor.values.end());
      Rng(seed, static_cast<uint64_t>(p)).shuffle(std::span(values));
      parameter.tensor = graph::Tensor::copy_of(values);
    }
  out.onnx = artifact::to_onnx(*out.graph, out.card);
  out.mirror = false;
  return out;
}

}  // namespace graft::explain

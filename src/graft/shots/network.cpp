#include "graft/shots/network.h"

#include <cmath>
#include <string>
#include <vector>

#include "graft/base/error.h"
#include "graft/graph/builder.h"
#include "graft/graph/walks.h"

namespace graft::shots {
namespace {

using graph::Graph;

constexpr double kNoLength = 1e-12;  // of the variance: a photo without features stays 0

void give(Graph& graph, const std::string& name, std::span<const float> values) { graph.find(name)->tensor = graph::Tensor::copy_of(values); }

/// (x, x) to (x, -x): the second half times -1.
std::vector<float> twice(std::size_t width, float first, float second) {
  std::vector<float> values(2 * width, second);
  std::fill(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(width), first);
  return values;
}

}  // namespace

Graph with_rule(const Graph& backbone, std::span<const float> centre, const head::LinearHead& layer) {
  Graph network = graph::features(backbone);
  const std::size_t width = layer.width;
  graph::Builder builder(network);
  builder.stage(backbone.stages.back());
  const graph::Value x = graph::output_of(network);
  graph::Value y = builder.in("rule").batch_norm("centre", graph::apply(graph::Concat{}, {x, x}));
  y = builder.in("rule").layer_norm("length", y, {.eps = kNoLength});
  y = builder.in("rule").linear("classes", y, {.out = static_cast<int64_t>(layer.classes)});
  network.outputs = {{graph::kLogits, y.node}};

  std::vector<float> mean(2 * width);
  for (std::size_t c = 0; c < 2 * width && !centre.empty(); ++c) mean[c] = centre[c % width];
  give(network, "rule.centre.weight", twice(width, 1, -1));
  give(network, "rule.centre.bias", twice(width, 0, 0));
  give(network, "rule.centre.running_mean", mean);
  give(network, "rule.centre.running_var", twice(width, 1, 1));
  const auto to_length = static_cast<float>(1 / std::sqrt(static_cast<double>(width)));
  give(network, "rule.length.weight", twice(width, to_length, to_length));
  give(network, "rule.length.bias", twice(width, 0, 0));
  std::vector<float> weight;
  for (std::size_t k = 0; k < layer.classes; ++k)
    for (const float sign : {0.5F, -0.5F})
      for (std::size_t c = 0; c < width; ++c) weight.push_back(sign * layer.weight[k * width + c]);
  give(network, "rule.classes.weight", weight);
  give(network, "rule.classes.bias", layer.bias);
  return network;
}

Graph without_rule(Graph network, const std::string& source) {
  const auto before = [&](std::size_t node) { return static_cast<std::size_t>(network.nodes[node].inputs.front()); };
  const std::size_t last = network.output();
  if (network.find("rule.classes.weight") == nullptr || network.nodes.size() < 5)
    throw data_error(source, "its network does not end in the layers that `graft shots` writes", "make the run again with `graft shots`");
  const std::size_t concat = before(before(before(last)));
  network.stages = {"network", "head"};
  for (std::size_t i = 0; i < network.nodes.size(); ++i) {
    const int stage = i < concat ? 0 : 1;
    network.nodes[i].stage = stage;
    for (const int p : network.nodes[i].parameters) network.parameters[static_cast<std::size_t>(p)].stage = stage;
  }
  return network;
}

}  // namespace graft::shots

#include "graft/transfer/co_tuning.h"

#include <fmt/format.h>

#include "graft/base/error.h"
#include "graft/graph/builder.h"
#include "graft/graph/walks.h"

namespace graft::transfer {
namespace {

constexpr const char* kName = "source_head";

/// Weight and bias of the classifier.
std::vector<const graph::Parameter*> classifier_of(const graph::Graph& source) {
  const auto refuse = [&](const char* fact) {
    throw usage_error("--co-tuning", source.name + " " + fact, "choose --l2-sp or --delta, or a network with a classifier");
  };
  const auto head = static_cast<int>(source.stages.size()) - 1;
  std::vector<const graph::Parameter*> parameters;
  for (const graph::Node& node : source.nodes) {
    if (node.stage != head || std::holds_alternative<graph::Dropout>(node.op)) continue;
    if (!std::holds_alternative<graph::Linear>(node.op) || !parameters.empty()) refuse("has a classifier that is more than one linear layer");
    for (const int p : node.parameters) parameters.push_back(&source.parameters[static_cast<std::size_t>(p)]);
    if (parameters[0]->tensor.empty()) refuse("has no classifier of its own");
    if (parameters[0]->shape[1] != graph::feature_count(source)) refuse("has a classifier that does not see its features");
  }
  if (parameters.empty()) refuse("has no classifier of its own");
  return parameters;
}

}  // namespace

void check_co_tuning(const graph::Graph& source) { classifier_of(source); }

graph::Graph with_source_head(graph::Graph network, const graph::Graph& source) {
  const std::vector<const graph::Parameter*> classifier = classifier_of(source);
  const graph::Value features{&network, static_cast<int>(graph::head_input(network))};
  if (features.dims() != graph::Dims{classifier[0]->shape[1]})
    throw usage_error("--co-tuning",
                      fmt::format("the new layer sees {} where the classifier sees {}", graph::to_string(features.dims()), classifier[0]->shape[1]),
                      "omit --pool flatten");
  network.outputs = network.named_outputs();
  const auto head = static_cast<std::size_t>(graph::Builder(network).linear(kName, features, {.out = classifier[0]->shape[0]}).node);
  const std::vector<int> added = network.nodes[head].parameters;
  for (std::size_t i = 0; i < classifier.size(); ++i) network.parameters[static_cast<std::size_t>(added[i])].tensor = classifier[i]->tensor;
  network.name_output(kSourceLogits, head);
  return network;
}

graph::Graph without_source_head(graph::Graph network) {
  network.nodes.resize(network.nodes.size() - 1);
  network.parameters.resize(network.parameters.size() - 2);
  std::erase_if(network.outputs, [](const graph::Output& output) { return output.name == kSourceLogits; });
  return network;
}

}  // namespace graft::transfer

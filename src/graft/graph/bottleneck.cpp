#include "graft/graph/bottleneck.h"

#include <string>

#include "graft/graph/builder.h"
#include "graft/graph/walks.h"

namespace graft::graph {
namespace {

/// What the last layer is called when it is a new one.
std::string new_layer_name(const Graph& graph) {
  Graph replaced = replace_head(graph, 1);
  const std::string& weight = replaced.parameters[static_cast<std::size_t>(last_linear(replaced)->parameters[0])].name;
  return weight.substr(0, weight.rfind('.'));
}

}  // namespace

Graph with_bottleneck(const Graph& graph, int64_t classes, int64_t width) {
  Graph narrowed = features(graph);
  Builder builder(narrowed), layers = builder.in(kBottleneck);
  builder.stage(kBottleneck);
  const Value x = relu(layers.batch_norm("1", layers.linear("0", output_of(narrowed), {.out = width})));
  builder.stage(graph.stages.back());
  narrowed.outputs = {{kLogits, builder.linear(new_layer_name(graph), x, {.out = classes}).node}};
  return narrowed;
}

int first_new_stage(const Graph& graph) {
  const auto head = static_cast<int>(graph.stages.size()) - 1;
  return head > 0 && graph.stages[static_cast<std::size_t>(head) - 1] == kBottleneck ? head - 1 : head;
}

}  // namespace graft::graph

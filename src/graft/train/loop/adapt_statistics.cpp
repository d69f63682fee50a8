#include "graft/train/adapt_statistics.h"

#include <fmt/format.h>

#include <algorithm>

#include "graft/base/error.h"
#include "graft/train/compute/parallel.h"
#include "graft/train/graph/executor.h"
#include "graft/train/loop/batch_norm.h"
#include "graft/train/terms/loss.h"

namespace graft::train {

graph::Graph adapt_statistics(const graph::Graph& graph, const TrainConfig& config, const Unlabelled& samples) {
  const auto is_norm = [](const graph::Node& node) { return std::holds_alternative<graph::BatchNorm>(node.op); };
  if (std::ranges::none_of(graph.nodes, is_norm))
    throw usage_error("adabn", graph.name + " has no batch norm", "choose a method that trains, or a network with batch norm, such as resnet18");
  if (samples.count < 2) throw usage_error("adabn", fmt::format("the target has {} photo, expected at least 2", samples.count));
  set_threads(config.threads);
  Executor executor(graph, type_of(config.storage));
  executor.set_conv_algorithms(choose_conv_algorithms(graph, config));
  const auto batches = batches_of(samples.count, std::max(config.batch, 2), config.seed, 0);
  const std::vector<StageMode> live(graph.stages.size(), {.batch_norm_live = true});
  measure_statistics(executor, live, batches.size(), [&](std::size_t b) { return inputs_of(graph, samples.fill, 0, batches[b]); });
  graph::Graph adapted = graph;
  for (std::size_t p = 0; p < executor.values.size(); ++p) {
    if (!graph.parameters[p].buffer) continue;
    const at::Tensor value = executor.values[p].contiguous();
    adapted.parameters[p].tensor = graph::Tensor::copy_of({value.const_data_ptr<float>(), static_cast<std::size_t>(value.numel())});
  }
  return adapted;
}

}  // namespace graft::train

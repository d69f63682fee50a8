#include "graft/train/loop/averages.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "graft/graph/bottleneck.h"

namespace graft::train {

bool may_move(const graph::Graph& graph, const transfer::Plan& plan, std::size_t parameter) {
  return plan.stages[static_cast<std::size_t>(graph.parameters[parameter].stage)].trains;
}

std::vector<at::Tensor> copies(const graph::Graph& graph, const transfer::Plan& plan, std::vector<at::Tensor> list) {
  for (std::size_t p = 0; p < list.size(); ++p)
    if (may_move(graph, plan, p)) list[p] = list[p].clone();
  return list;
}

void accumulate(std::vector<at::Tensor>& gradients, std::vector<at::Tensor>& sums, bool first, bool last) {
  for (std::size_t p = 0; p < sums.size(); ++p) {
    if (!gradients[p].defined()) continue;
    sums[p] = first ? gradients[p].clone() : sums[p] + gradients[p];
    if (last) gradients[p] = std::exchange(sums[p], {});
  }
}

void give_back(const Executor& executor, const transfer::Plan& plan, graph::Graph& graph) {
  for (std::size_t p = 0; p < executor.values.size(); ++p) {
    graph::Parameter& parameter = graph.parameters[p];
    if (parameter.tensor.empty() && !may_move(graph, plan, p)) continue;
    const at::Tensor value = executor.values[p].contiguous();
    parameter.tensor = graph::Tensor::copy_of({value.const_data_ptr<float>(), static_cast<std::size_t>(value.numel())});
  }
}

void move_average(std::vector<at::Tensor>& average, const Executor& executor, const transfer::Plan& plan, double share) {
  for (std::size_t p = 0; p < average.size(); ++p)
    if (may_move(executor.graph(), plan, p)) average[p].lerp_(executor.values[p], share);
}

double ema_share(double decay, double update) { return 1 - std::min(decay, (1 + update) / (10 + update)); }

int first_averaged(int epochs, double fraction) { return epochs - std::max(1, static_cast<int>(std::lround(fraction * epochs))); }

void interpolate(Executor& executor, const graph::Graph& source, const transfer::Plan& plan, double alpha) {
  const int head = graph::first_new_stage(source);
  for (std::size_t p = 0; p < executor.values.size(); ++p) {
    const graph::Parameter& from = source.parameters[p];
    if (from.stage >= head || from.tensor.empty() || !may_move(source, plan, p)) continue;
    const at::Tensor w0 = at::from_blob(const_cast<float*>(from.tensor.values.data()), from.shape, at::kFloat);  // only read
    executor.values[p] = executor.values[p].lerp(w0, 1 - alpha);
  }
}

}  // namespace graft::train

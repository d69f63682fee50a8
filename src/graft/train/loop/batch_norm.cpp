#include "graft/train/loop/batch_norm.h"

#include <variant>

#include "graft/train/graph/operators.h"

namespace graft::train {
namespace {

/// Sums over the batches so far, in float64.
struct Statistics {
  std::size_t mean_at, variance_at;  // parameters
  at::Tensor mean, variance, square;
};

std::vector<Statistics> live_statistics(const Executor& executor, const std::vector<StageMode>& modes) {
  std::vector<Statistics> list;
  for (const graph::Node& node : executor.graph().nodes) {
    if (!std::holds_alternative<graph::BatchNorm>(node.op) || !modes[static_cast<std::size_t>(node.stage)].batch_norm_live) continue;
    const auto mean = static_cast<std::size_t>(node.parameters[2]), variance = static_cast<std::size_t>(node.parameters[3]);
    const at::Tensor zero = at::zeros(executor.values[mean].sizes(), at::kDouble);
    list.push_back({mean, variance, zero, zero.clone(), zero.clone()});
  }
  return list;
}

}  // namespace

void measure_statistics(Executor& executor, std::vector<StageMode> modes, std::size_t batches, const std::function<at::Tensor(std::size_t)>& batch) {
  for (StageMode& mode : modes) mode.trains = false;  // then nothing is kept, and dropout does nothing
  std::vector<Statistics> list = live_statistics(executor, modes);
  if (list.empty()) return;
  executor.set_modes(modes);
  double samples = 0;
  for (std::size_t b = 0; b < batches; ++b) {
    for (const Statistics& s : list)  // from 0, one step of the running average is the batch's own value times the momentum
      for (const std::size_t p : {s.mean_at, s.variance_at}) executor.values[p] = at::zeros(executor.values[p].sizes(), at::kFloat);
    const at::Tensor inputs = batch(b);
    const auto count = static_cast<double>(inputs.size(0));
    executor.forward(inputs, {});
    samples += count;
    for (Statistics& s : list) {
      const at::Tensor mean = executor.values[s.mean_at].to(at::kDouble) / kStatisticsMomentum;
      s.mean.add_(mean, count);
      s.square.add_(mean * mean, count);
      s.variance.add_(executor.values[s.variance_at].to(at::kDouble) / kStatisticsMomentum, count);
    }
  }
  for (const Statistics& s : list) {
    const at::Tensor mean = s.mean / samples;
    executor.values[s.mean_at] = mean.to(at::kFloat);
    executor.values[s.variance_at] = (s.variance / samples + s.square / samples - mean * mean).to(at::kFloat);
  }
}

}  // namespace graft::train

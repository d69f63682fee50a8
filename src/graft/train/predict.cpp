#include "graft/train/predict.h"

#include <algorithm>
#include <numeric>

#include "graft/train/executor.h"
#include "graft/train/loss.h"
#include "graft/train/parallel.h"

namespace graft::train {

std::vector<float> predict(const graph::Graph& graph, const TrainConfig& config, const Samples& samples) {
  set_threads(config.threads);
  Executor executor(graph, type_of(config.storage));
  executor.set_ways(choose_ways(graph, config));
  std::vector<std::size_t> all(samples.labels.size());
  std::iota(all.begin(), all.end(), 0);
  const auto batch = static_cast<std::size_t>(config.batch);
  std::vector<float> logits;
  for (std::size_t first = 0; first < all.size(); first += batch) {
    const auto which = std::span(all).subspan(first, std::min(batch, all.size() - first));
    const at::Tensor out = executor.predict(inputs_of(graph, samples, 0, which)).contiguous();
    logits.insert(logits.end(), out.const_data_ptr<float>(), out.const_data_ptr<float>() + out.numel());
  }
  return logits;
}

}  // namespace graft::train

#include "graft/train/predict.h"

#include "graft/train/compute/parallel.h"
#include "graft/train/graph/executor.h"
#include "graft/train/loop/validate.h"
#include "graft/train/terms/loss.h"

namespace graft::train {

std::vector<float> predict(const graph::Graph& graph, const TrainConfig& config, const Samples& samples) {
  set_threads(config.threads);
  Executor executor(graph, type_of(config.storage));
  executor.set_conv_algorithms(choose_conv_algorithms(graph, config));
  return validate(executor, samples, config.batch).logits;
}

}  // namespace graft::train

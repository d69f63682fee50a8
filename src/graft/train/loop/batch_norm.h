// Running statistics measured again for weights that no longer move (Wu & Johnson 2021, "Rethinking 'Batch' in BatchNorm", 3.1: "precise BN"). The
// running average of a training lags behind its weights, and where they are an average themselves (EMA) no batch ever saw them.
#pragma once

#include <functional>
#include <span>

#include <vector>

#include "graft/train/graph/executor.h"

namespace graft::train {

/// Of the stages whose batch norms are live by `modes`: the statistics of all these inputs together, from those of each batch; weighted by its size. Other
/// statistics stay as they are. `batch(i)` gives the inputs of batch i, and may throw to give up. Changes executor.values and its modes.
void measure_statistics(Executor& executor, std::vector<StageMode> modes, std::size_t batches, const std::function<at::Tensor(std::size_t)>& batch);

}  // namespace graft::train

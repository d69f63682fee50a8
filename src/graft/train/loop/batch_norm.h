// Recomputes the running statistics of batch norm for fixed weights ("precise BN"; Wu & Johnson 2021, "Rethinking 'Batch' in BatchNorm", 3.1). The
// running averages of a training lag behind its weights, and averaged weights (EMA) have never been run on a batch at all.
#pragma once

#include <functional>
#include <span>

#include <vector>

#include "graft/train/graph/executor.h"

namespace graft::train {

/// For the stages whose batch norms are live in `modes`: sets the running statistics to those of all these inputs together, computed from the
/// statistics of each batch, weighted by its size. All other statistics stay as they are. `batch(i)` returns the inputs of batch i, and may throw to
/// cancel. Changes executor.values and the executor's modes.
void measure_statistics(Executor& executor, std::vector<StageMode> modes, std::size_t batches, const std::function<at::Tensor(std::size_t)>& batch);

}  // namespace graft::train

// Draws the data of a training step.
#pragma once

#include <cstdint>
#include <span>

#include "graft/train/terms/loss.h"
#include "graft/train/train.h"

namespace graft::train {

/// The given labeled samples as augmented in this epoch, mixed (mix.h), and a batch of each unlabeled stream. `step` counts through the whole
/// training.
Batch draw(const graph::Graph& graph, const Streams& streams, const TrainConfig& config, uint64_t epoch, std::span<const std::size_t> which,
           uint64_t step);

}  // namespace graft::train

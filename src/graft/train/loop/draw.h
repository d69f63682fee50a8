// What a step of a training is shown.
#pragma once

#include <cstdint>
#include <span>

#include "graft/train/terms/loss.h"
#include "graft/train/train.h"

namespace graft::train {

/// These labelled samples as they are in this epoch, mixed (mix.h), and a batch of each unlabelled stream. `step` counts on through the training.
Batch draw(const graph::Graph& graph, const Streams& streams, const TrainConfig& config, uint64_t epoch, std::span<const std::size_t> which,
           uint64_t step);

}  // namespace graft::train

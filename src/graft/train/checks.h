// What is wrong with a training before it begins.
#pragma once

#include "graft/train/train.h"

namespace graft::train {

/// Error (usage): no samples; a batch larger than there are samples; live batch norm with a single sample in a step; an absurd learning rate;
/// something that goes by validation without validation samples.
void check(const transfer::Plan& plan, const TrainConfig& config, const Samples& samples, const Samples& val);

}  // namespace graft::train

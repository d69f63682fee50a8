// Sharpness-aware minimization (SAM; Foret et al. 2021): each step uses the gradient at nearby weights where the loss is highest.
#pragma once

#include <functional>

#include "graft/train/graph/executor.h"

namespace graft::train {

/// To be called after backward(): moves the weights, taken as one vector, by a distance of rho along their gradient; calls `pass`, which runs another
/// forward and backward pass; and restores weights and running statistics exactly, to the bit. The gradients are then those of the second pass.
void with_climbed_weights(Executor& executor, double rho, const std::function<void()>& pass);

}  // namespace graft::train

// Sharpness-aware minimisation (Foret et al. 2021): steps by the gradient at the nearby weights where the loss is highest.
#pragma once

#include <functional>

#include "graft/train/graph/executor.h"

namespace graft::train {

/// After a backward(): moves the weights by rho along their gradient, as one vector, calls `pass`, which goes forwards and backwards once more, and puts
/// weights and running statistics back as they were, to the bit. The gradients are then those of the second pass.
void with_climbed_weights(Executor& executor, double rho, const std::function<void()>& pass);

}  // namespace graft::train

// Layers that torch.nn.utils.prune keeps in two tensors.
#pragma once

#include "graft/weights/file/state_dict.h"

namespace graft::weights {

/// "X_orig" times its "X_mask" as "X", in float32, where both are there, of one shape, and "X" is not; how many. The dict's owner then holds them, too.
std::size_t apply_masks(StateDict& dict);

}  // namespace graft::weights

// Query, key and value of a transformer's attention, which some files keep as three layers, as the one layer that they are in graft's networks.
#pragma once

#include "graft/weights/file/state_dict.h"

namespace graft::weights {

/// With "X.query.weight", "X.key.weight" and "X.value.weight" (or "X.q_proj.weight" and so on) as "X.qkv.weight", one below the other, and their biases
/// alike. Only tensors that lie in one piece, of one type and shape; all others are as they were. Shares the owner, which also holds what was joined.
StateDict joined_attention(const StateDict& dict);

}  // namespace graft::weights

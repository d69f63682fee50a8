// Joins query, key and value of a transformer's attention, which some files keep as three layers, into the single layer of graft's networks.
#pragma once

#include "graft/weights/file/state_dict.h"

namespace graft::weights {

/// With "X.query.weight", "X.key.weight" and "X.value.weight" (or "X.q_proj.weight" and so on) as "X.qkv.weight", one below the other, and their
/// biases alike. Only contiguous tensors of one type and shape; all others stay unchanged. Shares the owner, which also holds the joined tensors.
StateDict joined_attention(const StateDict& dict);

}  // namespace graft::weights

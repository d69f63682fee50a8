// The tensors of a pickled module (torch.nn.Module or TorchScript's), under the names that its state_dict would have. None of its code is run.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "graft/weights/torch/unpickle.h"

namespace graft::weights {

using NamedTensors = std::vector<std::pair<std::string, const StoredTensor*>>;

/// Parameters and buffers of the module and of those in it; empty for anything else. A module that holds itself, or whose names would be out of
/// proportion (more than `most_characters` together), ends where that shows.
NamedTensors tensors_of_module(const Value& module, std::size_t most_characters);

}  // namespace graft::weights

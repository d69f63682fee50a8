// From an unpickled value to named tensors: finds the state dict, checks every tensor against its storage.
#pragma once

#include <functional>

#include "graft/weights/unpickle.h"

namespace graft::weights {

/// Adds the tensors of the state dict in `root` to dict.tensors. `bytes_of` gives a storage's data, of any length (the length is checked here, as are
/// offset and strides); it is called once per storage. `file_size` bounds what the tensors may grow to when expanded. Errors (data) name the tensor.
void add_tensors(StateDict& dict, const Value& root, const std::function<Bytes(const Storage&)>& bytes_of, std::size_t file_size);

}  // namespace graft::weights

// From an unpickled value to named tensors: finds the state dict, checks every tensor against its storage.
#pragma once

#include <functional>

#include "graft/weights/torch/unpickle.h"

namespace graft::weights {

/// Adds the tensors of the state dict, or the whole module, in `root` to dict.tensors: what stands under `key`, or where that is empty under a key that
/// trainers use, or under the only one that holds tensors; `notes` tell which others there were. A string "arch" becomes metadata. `bytes_of` gives a storage's data, of any length (the length is checked here, as are
/// offset and strides); it is called once per storage. `file_size` bounds what the tensors may grow to when expanded. Errors (data) name the tensor.
/// `unknown` is what a message calls an object that is neither.
void add_tensors(StateDict& dict, const Value& root, std::string_view key, const std::string& unknown, std::vector<std::string>& notes,
                 const std::function<Bytes(const Storage&)>& bytes_of, std::size_t file_size);

}  // namespace graft::weights

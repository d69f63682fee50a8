// What becomes of a weights file after it is read.
#pragma once

#include "fuzz/target.h"
#include "graft/weights/file/state_dict.h"

namespace graft::fuzz {

/// Every tensor both as loading and as writing takes it. What tensors come to in float32 is bounded by the readers.
inline void use(const weights::StateDict& dict) {
  for (const auto& [name, tensor] : dict.tensors) {
    const std::vector<float> values = weights::to_floats(tensor);
    touch(std::as_bytes(std::span(values)));
    weights::RowMajor row_major;
    touch(row_major.bytes_of(tensor));
  }
}

}  // namespace graft::fuzz

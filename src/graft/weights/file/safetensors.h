// safetensors, read and written: u64 header length | JSON header | data. Format: https://github.com/huggingface/safetensors.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>

#include "graft/weights/file/state_dict.h"

namespace graft::weights {

/// Maps the file. Held to the reference's rules and one more: header of at most 100,000,000 bytes, sizes equal to shape times type without
/// overflow, no holes, overlaps or trailing bytes, and no key twice. Error (data) names the tensor.
StateDict read_safetensors(const std::filesystem::path& path);

/// The same of bytes that the caller keeps as long as the StateDict, whose owner is empty; `name` is the Error's subject.
StateDict read_safetensors(Bytes file, std::string name);

struct NamedTensor {
  std::string name;
  graph::Dims shape;
  std::span<const float> values;  // row-major
};

/// Writes float32 tensors in the order and padding of the reference, as one step (the old file or the new one, never half).
/// {"format": "pt"} is added to metadata without a format, which Python's loaders look for. Error (data) on a name given twice or not UTF-8.
void write_safetensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors, const std::map<std::string, std::string>& metadata,
                       Sync sync = Sync::now);

/// The same for tensors of every type, which they keep; views are written row-major. The metadata are the dict's.
/// Memory: only copies of views that are not row-major already.
void write_safetensors(const std::filesystem::path& path, const StateDict& dict, Sync sync = Sync::now);

}  // namespace graft::weights

// What the parts of the ONNX parser share.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "graft/onnx/model_proto.h"
#include "graft/onnx/record.h"

namespace graft::onnx {

/// Where tensors outside the file are looked for.
struct Place {
  std::string name;              // of the .onnx, printable
  std::filesystem::path folder;  // it lies in
  std::map<std::string, std::shared_ptr<const MappedFile>> mapped = {};
};

/// Error (data): "FILE: tensor 'x': fact".
TensorProto parse_tensor(Record record, Place& place);

/// A tensor of its own memory, for constants written as numbers.
template <class T>
TensorProto made_tensor(const std::vector<T>& values, graph::Dims dims, int type) {
  const auto owned = std::make_shared<const std::vector<T>>(values);
  return {{}, std::move(dims), type, std::as_bytes(std::span(*owned)), owned};
}

}  // namespace graft::onnx

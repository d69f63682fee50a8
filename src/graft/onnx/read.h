// What an ONNX file says about itself, without its weights.
#pragma once

#include <filesystem>
#include <string>

#include "graft/base/files.h"
#include "graft/graph/graph.h"
#include "graft/onnx/write.h"

namespace graft::onnx {

struct Header {
  Metadata metadata;
  graph::Dims input;  // without the batch; -1 where a dimension is free
  graph::Dims output;
};

/// Reads the outermost records only. Error (data) when the bytes are not a whole ONNX model; `name` is the message's subject.
Header read_header(Bytes bytes, const std::string& name);

/// The name of the value that the last linear layer reads: the features that the model's answer is made of. Error (data) where it ends in no such layer.
std::string read_by_last_layer(Bytes bytes, const std::string& name);

}  // namespace graft::onnx

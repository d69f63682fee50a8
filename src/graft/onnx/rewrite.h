// Nodes of a foreign model written anew, for those who change it before it is used.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graft/onnx/model_proto.h"

namespace graft::onnx {

/// Text that lives as long as the model.
std::string_view keep(ModelProto& model, std::string text);

struct NewNode {
  const char* type;  // of ONNX's own domain
  std::vector<std::string_view> inputs;
  std::string_view output;  // and the node's name
  std::optional<int64_t> axis = {};
  const NodeProto* like = nullptr;  // whose attributes it has
};
NodeProto written(ModelProto& model, const NewNode& made);

/// The same node with another input.
NodeProto with_input(ModelProto& model, const NodeProto& node, std::size_t input, std::string_view name);

/// Fills `producers` in again, once the nodes are what they shall be.
void find_producers(ModelProto& model);

}  // namespace graft::onnx

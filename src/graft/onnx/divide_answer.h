// Divides the answers of a classifier by a number, in its file: for a temperature that is found after the network was written.
#pragma once

#include <optional>
#include <string>

#include "graft/onnx/model_proto.h"
#include "graft/onnx/write.h"

namespace graft::onnx {

/// The bytes of the model with weight and bias of its last linear layer (which may stand before the mean over two views) divided, and with this metadata
/// in place of its own; everything else stays byte for byte. Nothing if the first output does not come from such a layer with float32 values in the file.
std::optional<std::string> with_divided_answer(const ModelProto& model, double by, const Metadata& metadata);

}  // namespace graft::onnx

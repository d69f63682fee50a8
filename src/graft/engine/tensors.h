// The shapes inside a foreign ONNX network, which only the engine can infer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "graft/graph/graph.h"
#include "graft/onnx/image_input.h"
#include "graft/onnx/model_proto.h"

namespace graft::engine {

/// A value in a network that a head can read: a picture (C, H, W) or (H, W, C), tokens (T, C) or a vector (F).
struct NamedTensor {
  std::string name;
  graph::Dims dims;  // without the batch
};

/// The values of the nodes up to `tensor` that have the batch and 1 to 3 more dimensions, in the file's order,
/// for a picture of `size`. Error (data) when OpenVINO cannot read the network or it does not take that size.
std::vector<NamedTensor> tensors(const onnx::ModelProto& model, const onnx::ImageInput& input, std::string_view tensor, Size size);

/// The network up to `tensor` as one frozen operator with a head behind it (onnx::opaque_graph). A picture is taken for (H, W, C) when its first two
/// dimensions are in the proportion of `size`, and its last two are not. Error (data) when the file's nodes hold a batch of their own, or the tensor is not what a head can look at.
graph::Graph opaque(const onnx::ModelProto& model, const onnx::ImageInput& input, std::string_view tensor, Size size);

}  // namespace graft::engine

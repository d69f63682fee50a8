// A foreign ONNX network as a Graph, where graft's operators can say it: then its stages, its head and its parameters are known and it can be
// fine-tuned like any other. A parameter's journey from a file of weights ends here.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "graft/base/size.h"
#include "graft/graph/graph.h"
#include "graft/onnx/image_input.h"
#include "graft/onnx/model_proto.h"

namespace graft::onnx {

/// One of them is there.
struct Reading {
  std::optional<graph::Graph> graph;
  std::string reason;  // why there is none: "node /layer/Loop: operator Loop"
};

/// The network from its input, a picture of `size`, to `tensor` or, when that is empty, to its first output (without a softmax or sigmoid at
/// its end). Stages are "stem", "stage1" ... by where the picture halves, or of a transformer that graft wrote its layers, and "head", the last linear
/// layer; without one, and behind a `tensor` that was named, a head without values is added.
/// Parameters keep the file's names where those are of a state dict, and are otherwise called after their nodes. All have their values.
/// Error (usage) for an unknown tensor, or a size that is too small for the network.
Reading read_graph(const ModelProto& model, const ImageInput& input, Size size, std::string_view tensor = {});

/// The value of that name; Error (usage) with a near miss. Empty: the model's first output without softmax or sigmoid.
std::string_view find_tensor(const ModelProto& model, std::string_view name);

/// Whether the model's first output is made by a sigmoid: each class answered for itself.
bool ends_in_sigmoid(const ModelProto& model);

/// What a head of one's own would look at: the input of the last layer, a matrix product or a convolution to the classes, that gives the model's first
/// output, also where that is reshaped, rounded to int8 and made an answer behind it; else the output itself.
std::string_view default_tensor(const ModelProto& model);

}  // namespace graft::onnx

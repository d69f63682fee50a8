// A foreign ONNX network that graft's operators cannot express, as one operator: its nodes are copied into graft's models unchanged.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "graft/graph/graph.h"
#include "graft/onnx/image_input.h"
#include "graft/onnx/model_proto.h"

namespace graft::onnx {

inline constexpr int64_t kOldestOpset = 7;  // in which the nodes that graft puts around it are valid

/// The nodes and tensors that `tensor` needs, all under names that begin with "foreign/", with the casts and the transposition that the input asks
/// for; `channels_last`: also one behind a picture whose channels come last. `out` is left empty. Costs a copy of the weights.
/// Error (data) for a model older than kOldestOpset, or one quantised to int8 by each batch's own range.
graph::Foreign foreign(const ModelProto& model, const ImageInput& input, std::string_view tensor, bool channels_last = false);

/// Error (data) where a node that `tensor` needs rounds to int8 by the range of the batch: answers would depend on the other photos.
void refuse_dynamic_int8(const ModelProto& model, std::string_view tensor);

/// The network as a model of its own, from "foreign/input" to its output, whose shape is left open: for finding shapes with an engine.
std::string standalone(const graph::Foreign& network);

/// A network of one stage "encoder", and a head without values; `out` is (C, H, W), (T, C) or (F), without the batch, `picture` (C, H, W).
graph::Graph opaque_graph(graph::Foreign network, graph::Dims out, const graph::Dims& picture, const std::string& name);

}  // namespace graft::onnx

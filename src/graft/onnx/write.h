// A Graph as an ONNX file: what deploys, and what the inference engine runs.
#pragma once

#include <map>
#include <string>

#include "graft/graph/graph.h"

namespace graft::onnx {

using Metadata = std::map<std::string, std::string>;

/// The serialised model: IR version 8, opset 17; around a Foreign network its opset, with IR version 9 or 10 where that asks for it. One
/// input "image", float32 (N, 3, H, W) normalised, N free; the graph's outputs by their names and in their order, float32 (N, ...). Initialisers carry the
/// state-dict names. Every parameter must have its values (Error otherwise). BatchNormalization stays a node of its own: engines fold it.
std::string write(const graph::Graph& graph, const Metadata& metadata = {});

/// The same without the values of the parameters, some kB: with a hash of those it tells networks apart.
std::string structure(const graph::Graph& graph);

}  // namespace graft::onnx

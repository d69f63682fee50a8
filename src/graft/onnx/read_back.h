// Reads the Graph back from a file that write() made, including what read_graph does not know in foreign files, such as attention and mirrored views.
#pragma once

#include <string>

#include "graft/onnx/model_proto.h"
#include "graft/onnx/read_graph.h"

namespace graft::onnx {

/// With its weights, which stay in the mapped file; of one stage, "network", and no probability of its Dropouts, which the file has not. Written again it
/// gives the same nodes (checked). A reason where it is no file of graft's, or it holds a foreign network.
Reading read_back(const ModelProto& model);

}  // namespace graft::onnx

// A network that was exported for batches of one picture, made free to take any number.
#pragma once

#include "graft/onnx/model_proto.h"

namespace graft::onnx {

/// Rewrites what holds the batch in a model whose picture comes alone: the first number of a constant Reshape becomes -1 (0 beside another -1), and a
/// constant that is joined to a value of each picture (a class token) is repeated for each. True where something was changed. Whether the network
/// still computes the same has to be seen by running both (engine/batch.h): the first dimension need not be the batch.
bool free_batch(ModelProto& model);

}  // namespace graft::onnx

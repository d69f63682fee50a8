// Changes a network that was exported for batches of one picture so that it takes any number.
#pragma once

#include "graft/onnx/model_proto.h"

namespace graft::onnx {

/// Rewrites what fixes the batch in such a model: the first number of a constant Reshape becomes -1 (or 0 next to another -1), and a
/// constant that is concatenated with a value of each picture (a class token) is repeated for each. Returns whether anything was changed.
/// Only running both networks shows whether they compute the same (engine/batch.h), because the first dimension need not be the batch.
bool free_batch(ModelProto& model);

}  // namespace graft::onnx

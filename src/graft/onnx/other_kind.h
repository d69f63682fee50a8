// What a file really is that was given as an ONNX network.
#pragma once

#include <string>

#include "graft/base/error.h"
#include "graft/base/files.h"

namespace graft::onnx {

/// Error (data) for a file that is not a complete ONNX model: names the format by its first bytes
/// (TorchScript, Keras, TensorFlow Lite, safetensors, a Git LFS pointer ...) and says what to do with it.
Error not_onnx(Bytes file, const std::string& name);

}  // namespace graft::onnx

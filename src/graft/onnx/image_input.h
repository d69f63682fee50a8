// The picture that a foreign network takes.
#pragma once

#include <cstdint>
#include <string_view>

#include <optional>

#include "graft/base/size.h"
#include "graft/onnx/model_proto.h"

namespace graft::onnx {

struct ImageInput {
  std::string_view name;
  bool channels_last;        // (N, H, W, 3), as TensorFlow has it; else (N, 3, H, W)
  std::optional<Size> size;  // where the file fixes it; a side that it leaves free is as the other
  int type;                  // float32, float16 or uint8
  int64_t channels = 3;      // 1: a grey picture
  bool bgr = false;          // its first channel is blue; graft's own picture is red first
};

/// Error (data) unless the model has one input of that kind, red first as far as it tells.
ImageInput image_input(const ModelProto& model);

}  // namespace graft::onnx

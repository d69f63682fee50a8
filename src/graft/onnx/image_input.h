// The input picture of a foreign network.
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
  std::optional<Size> size;  // if the file fixes it; a side that it leaves open is like the other
  int type;                  // float32, float16 or uint8
  int64_t channels = 3;      // 1: a grey picture
  bool bgr = false;          // its first channel is blue; in graft's own pictures red comes first
};

/// Error (data) unless the model has one input of that kind, red first as far as it tells.
ImageInput image_input(const ModelProto& model);

}  // namespace graft::onnx

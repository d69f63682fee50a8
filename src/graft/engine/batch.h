// What input a foreign network accepts, found by trying: how many pictures at once, and of which size.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "graft/base/size.h"
#include "graft/onnx/image_input.h"
#include "graft/onnx/model_proto.h"

namespace graft::engine {

/// Whether the network up to `tensor` runs on that many pictures of `size`, and gives that many rows.
bool takes(const onnx::ModelProto& model, const onnx::ImageInput& input, std::string_view tensor, Size size, int64_t pictures);

/// Another size that it accepts, among the usual ones: squares, portrait and landscape.
std::optional<Size> size_it_takes(const onnx::ModelProto& model, const onnx::ImageInput& input, std::string_view tensor, Size but);

/// Whether `freed` gives for two pictures at once what `alone` gives for each of them (onnx/free_batch.h).
bool same_in_a_batch(const onnx::ModelProto& alone, const onnx::ModelProto& freed, const onnx::ImageInput& input, std::string_view tensor, Size size);

}  // namespace graft::engine

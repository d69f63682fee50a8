// What the first nodes of a foreign network do to the picture's numbers. Many files bring their preprocessing: x / 127.5 - 1, (x / 255 - mean) / std,
// red and blue swapped (Keras' Rescaling, Caffe). Such nodes are taken off and become part of the normalisation, which leaves the same network; and
// what they are tells which numbers the file takes.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>

#include "graft/onnx/image_input.h"
#include "graft/onnx/model_proto.h"

namespace graft::onnx {

/// Channel j of what comes out is factor[j] * x + offset[j], where x is channel j of the file's picture, or channel 2 - j.
struct InputScale {
  std::array<double, 3> factor{1, 1, 1}, offset{0, 0, 0};
  bool swapped = false;
  std::size_t nodes = 0;    // so many were taken off
  bool from_bytes = false;  // the file takes whole numbers from 0 to 255
};

/// Takes the nodes between the picture and the first that is more than a constant scale, offset or order of its channels off the model; `input` is
/// then the value behind them. Nothing is changed where there are none. Factors are above 0.
InputScale take_input_scale(ModelProto& model, ImageInput& input);

/// How a network wants its pictures: (p - mean) / std of values p in 0..1. All in the order red, green, blue, also where the network takes blue first.
struct PictureScale {
  const char* name;  // as a message has it: "0..255"
  std::array<float, 3> mean, std;
  bool bgr = false;  // the network's first channel is blue
};

/// ImageNet's, which stands first, and what else is usual.
std::span<const PictureScale> usual_scales();

/// What the file takes, as far as its own scale tells: values in 0..1 or 0..255 become numbers around 0, and the channels' means tell their order.
std::optional<PictureScale> told_by(const InputScale& scale);

/// The same where the file's own scale has become part of the normalisation.
PictureScale joined(const PictureScale& outer, const InputScale& scale);

}  // namespace graft::onnx

// What the first nodes of a foreign network do to the picture's numbers. Many files bring their preprocessing: x
// / 127.5 - 1, (x / 255 - mean) / std, red and blue swapped (Keras' Rescaling, Caffe). Such nodes are removed and
// become part of the normalization, which leaves the same network; they also tell which numbers the file takes.
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
  std::size_t nodes = 0;    // the number of removed nodes
  bool from_bytes = false;  // the file takes whole numbers from 0 to 255
};

/// Removes the nodes between the picture and the first one that does more than a constant scale, offset or order of
/// its channels; `input` is then the value after them. Nothing is changed if there are none. Factors are above 0.
InputScale take_input_scale(ModelProto& model, ImageInput& input);

/// The input scale of a network: (p - mean) / std for values p in 0..1, in the order red, green, blue, even if the network takes blue first.
struct PictureScale {
  const char* name;  // as a message has it: "0..255"
  std::array<float, 3> mean, std;
  bool bgr = false;  // the network's first channel is blue
};

/// ImageNet's, which comes first, and the other usual ones.
std::span<const PictureScale> usual_scales();

/// What the file takes, as far as its own scale tells: values in 0..1 or 0..255 become numbers around 0, and the channels' means tell their order.
std::optional<PictureScale> told_by(const InputScale& scale);

/// The same if the file's own scale has become part of the normalization.
PictureScale joined(const PictureScale& outer, const InputScale& scale);

}  // namespace graft::onnx

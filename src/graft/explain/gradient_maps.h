// Maps out of a value of a network and the gradient of a class's logit by it: the formulas alone.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace graft::explain {

/// What a network has at each place of a picture, and the gradient of the logit by it: (places, channels) each.
struct PlaceGradients {
  std::size_t channels;
  std::span<const float> values, gradients;
  std::size_t places() const { return values.size() / channels; }
};

/// By place: the channels, each with its gradient's mean over the places as its weight (Grad-CAM, Selvaraju et al. 2017). Without the paper's ReLU,
/// which is for whoever draws the map: below 0 is what speaks against the class. Of an averaged map under a linear layer it is the class activation map.
std::vector<float> grad_cam(const PlaceGradients& at);

/// The weight of a channel is the sum over the places of its gradient g where that is positive, times 1 / (2 + g * the sum of the channel's values)
/// (Grad-CAM++, Chattopadhay et al. 2018, equations 19 and 5, of the exponential of the logit, whose own value only scales the map). Of a channel that
/// sums to less than 0, which the paper's maps behind a ReLU never do, the sum is taken for 0. With the paper's ReLU.
std::vector<float> grad_cam_plus_plus(const PlaceGradients& at);

/// The channels, each with its positive gradient at that place as its weight (LayerCAM, Jiang et al. 2021). With the paper's ReLU.
std::vector<float> layer_cam(const PlaceGradients& at);

}  // namespace graft::explain

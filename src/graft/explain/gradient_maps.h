// Maps from a value inside a network and the gradient of a class's logit with respect to it: only the formulas.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace graft::explain {

/// The values of a network at each position of a picture, and the gradient of the logit with respect to them: (positions, channels) each.
struct PlaceGradients {
  std::size_t channels;
  std::span<const float> values, gradients;
  std::size_t places() const { return values.size() / channels; }
};

/// At each position: the sum of the channels, each weighted by its gradient's mean over all positions (Grad-CAM, Selvaraju et al. 2017). Without the paper's
/// ReLU, which is left to whoever draws the map: below 0 is what speaks against the class. For an averaged map under a linear layer, this is the class
/// activation map.
std::vector<float> grad_cam(const PlaceGradients& at);

/// The weight of a channel is the sum over the places of its gradient g where that is positive, times 1 / (2 + g * the sum of the channel's
/// values) (Grad-CAM++, Chattopadhay et al. 2018, equations 19 and 5, of the exponential of the logit, whose own value only scales the map).
/// If a channel sums to less than 0, which never happens to the paper's maps after a ReLU, the sum counts as 0. With the paper's ReLU.
std::vector<float> grad_cam_plus_plus(const PlaceGradients& at);

/// The sum of the channels, each weighted by its positive gradient at that position (LayerCAM, Jiang et al. 2021). With the paper's ReLU.
std::vector<float> layer_cam(const PlaceGradients& at);

}  // namespace graft::explain

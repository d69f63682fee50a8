#include "graft/explain/gradient_maps.h"

#include <algorithm>

namespace graft::explain {
namespace {

/// By place, the sum over the channels of what they have times `weights`.
std::vector<float> weighted(const PlaceGradients& at, const std::vector<double>& weights) {
  std::vector<float> map(at.places());
  for (std::size_t p = 0; p < map.size(); ++p) {
    double sum = 0;
    for (std::size_t c = 0; c < at.channels; ++c) sum += weights[c] * double{at.values[p * at.channels + c]};
    map[p] = static_cast<float>(sum);
  }
  return map;
}

std::vector<float> clipped(std::vector<float> map) {
  for (float& value : map) value = std::max(value, 0.0F);
  return map;
}

}  // namespace

std::vector<float> grad_cam(const PlaceGradients& at) {
  std::vector<double> weights(at.channels);
  for (std::size_t i = 0; i < at.gradients.size(); ++i) weights[i % at.channels] += double{at.gradients[i]} / static_cast<double>(at.places());
  return weighted(at, weights);
}

std::vector<float> grad_cam_plus_plus(const PlaceGradients& at) {
  std::vector<double> sums(at.channels), weights(at.channels);
  for (std::size_t i = 0; i < at.values.size(); ++i) sums[i % at.channels] += double{at.values[i]};
  for (std::size_t i = 0; i < at.gradients.size(); ++i) {
    const double g = std::max(double{at.gradients[i]}, 0.0);
    weights[i % at.channels] += g / (2 + g * std::max(sums[i % at.channels], 0.0));
  }
  return clipped(weighted(at, weights));
}

std::vector<float> layer_cam(const PlaceGradients& at) {
  std::vector<float> map(at.places());
  for (std::size_t i = 0; i < at.values.size(); ++i) map[i / at.channels] += std::max(at.gradients[i], 0.0F) * at.values[i];
  return clipped(std::move(map));
}

}  // namespace graft::explain

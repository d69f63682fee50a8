// Whether a map knows which pixels an answer depends on: pixels are inserted and deleted in its order, and the model is run each time.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "graft/data/preprocess.h"
#include "graft/explain/heat_map.h"

namespace graft::explain {

/// Areas under the probability of a class, 0 to 1, over the fraction of pixels that were changed (Petsiuk et al. 2018, "RISE").
struct PixelAreas {
  double insertion = 0;  // pixels of the photo replace those of its blurred copy, the map's highest first: large is good
  double deletion = 0;   // they become the network's mean color, the map's highest first: small is good
  double difference() const { return insertion - deletion; }
};

/// The probability of the class for each of n rows.
using Ask = std::function<std::vector<double>(std::span<const uint8_t> rows, std::size_t n)>;

/// Of one photo, by each of some maps; `steps` parts of its pixels are changed one after the other, by the trapezoidal rule. The blur is RISE's, a Gaussian of
/// 5 pixels on a window of 11 in a picture of 224. Pixels of equal worth come in an order drawn from (seed, photo), so that no corner is first.
std::vector<PixelAreas> pixel_areas(const data::Preprocess& preprocess, std::span<const uint8_t> row, std::span<const HeatMap> maps, int steps,
                                    uint64_t seed, uint64_t photo, const Ask& ask);

/// The nearer to the center of the picture, the higher: a map that knows only how people take photos.
HeatMap centre_map(Size size);

/// Smooth noise: 7 x 7 uniform numbers, resized (RISE's masks). From (seed, photo).
HeatMap random_map(uint64_t seed, uint64_t photo);

/// Spearman's rank correlation, -1 to 1; equal values share their rank. 0 if either one is constant.
double rank_correlation(std::span<const float> a, std::span<const float> b);

}  // namespace graft::explain

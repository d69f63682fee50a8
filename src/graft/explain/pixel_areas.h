// Whether a map knows which pixels an answer hangs on: pixels are put in and taken out in its order, and the model is asked each time.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "graft/data/preprocess.h"
#include "graft/explain/heat_map.h"

namespace graft::explain {

/// Areas under the probability of a class, 0 to 1, over the part of the pixels that were changed (Petsiuk et al. 2018, "RISE").
struct PixelAreas {
  double insertion = 0;  // pixels of the photo come into its blurred self, the map's highest first: large is good
  double deletion = 0;   // they turn into the network's mean colour, the highest first: small is good
  double difference() const { return insertion - deletion; }
};

/// The probability of the class for each of n rows.
using Ask = std::function<std::vector<double>(std::span<const uint8_t> rows, std::size_t n)>;

/// Of one photo, by each of some maps; `steps` parts of its pixels are changed one after the other, by the trapezoidal rule. The blur is RISE's, a Gaussian of
/// 5 pixels on a window of 11 in a picture of 224. Pixels of equal worth come in an order drawn from (seed, photo), so that no corner is first.
std::vector<PixelAreas> pixel_areas(const data::Preprocess& preprocess, std::span<const uint8_t> row, std::span<const HeatMap> maps, int steps,
                                    uint64_t seed, uint64_t photo, const Ask& ask);

/// The nearer to the middle of the picture, the higher: what knows nothing but how people take photos.
HeatMap centre_map(Size size);

/// Smooth noise: 7 x 7 uniform numbers, resized (RISE's masks). From (seed, photo).
HeatMap random_map(uint64_t seed, uint64_t photo);

/// Spearman's: of the ranks, equal values sharing theirs, -1 to 1. 0 where one of both is the same everywhere.
double rank_correlation(std::span<const float> a, std::span<const float> b);

}  // namespace graft::explain

// Means over photos that are not all independent.
#pragma once

#include <vector>

#include "graft/fit/source/sources.h"

namespace graft::fit {

struct WeightedMean {
  double mean, error;
};
/// The mean over the photos that have a value, with its standard error; units are independent of each other, photos of one unit are not.
WeightedMean mean_of_units(const std::vector<double>& values, const PhotosJudged& judged);

/// Photo by photo: a - b.
std::vector<double> difference(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace graft::fit

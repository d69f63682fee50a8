// A two-dimensional map of the photos of both domains, before and after the chosen adaptation, for people to look at.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "graft/fit/adapt/candidates.h"

namespace graft::fit {

inline constexpr const char* kFeatureMap = "features_map.json";
inline constexpr std::size_t kMapped = 1000;  // maximum number of photos of each domain, chosen at random

/// The map uses the first two principal components of the last layer's inputs, computed on the photos of both domains together. If `chosen` was
/// recolored or translated, the same components are used before and after; if it has a network of its own (`own_network`), its features are others
/// and have components of their own. `train`: the source's photos as `chosen` has seen them.
/// The result is {method, classes, photos: {source, target}, explained: {before, after}, same_axes, points}. A point is [0 for the source or 1 for
/// the target, class, x and y before, x and y after]; the class of a target photo is the prediction of `chosen`. Coordinates are relative to the
/// largest absolute one of the map. If there is no `after`, as with the source's own head, a point ends with x and y.
nlohmann::ordered_json feature_map(Job& job, const std::vector<data::Sample>& train, const AdaptCandidate& chosen, bool own_network);

}  // namespace graft::fit

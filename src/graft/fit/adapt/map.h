// The photos of both domains in two dimensions, before and after what was chosen: a picture for people.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "graft/fit/adapt/candidates.h"

namespace graft::fit {

inline constexpr const char* kFeatureMap = "features_map.json";
inline constexpr std::size_t kMapped = 1000;  // photos of each domain at most, by chance

/// Of what the last layer reads, the two principal components of the photos of both domains together. `chosen` that was recoloured or translated is drawn by the same components before and
/// after; one with a network of its own (`own_network`) sees other features, which have components of their own. `train`: the source's photos, as `chosen` has seen them.
/// {method, classes, photos: {source, target}, explained: {before, after}, same_axes, points}: a point is
/// [0 of the source or 1 of the target, class, x and y before, x and y after], the class of a target's photo being the answer of `chosen`; places are parts of the
/// farthest one of the picture. Without an `after`, of the source's own head, a point ends with x and y.
nlohmann::ordered_json feature_map(Job& job, const std::vector<data::Sample>& train, const AdaptCandidate& chosen, bool own_network);

}  // namespace graft::fit

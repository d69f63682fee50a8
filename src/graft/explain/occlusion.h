// Occlusion (Zeiler and Fergus 2014): parts of the picture are hidden, one after the other, and the model is asked again. It knows nothing of the network.
#pragma once

#include <vector>

#include "graft/base/size.h"

namespace graft::explain {

/// The shorter side is divided into so many parts, and what hides them is two parts wide and high, so that each is hidden four times.
inline constexpr int kOcclusionParts = 14;

/// How a picture is divided: part y lies between rows[y] and rows[y + 1].
struct OcclusionGrid {
  std::vector<int> rows, columns;
};
OcclusionGrid occlusion_grid(Size picture);

}  // namespace graft::explain

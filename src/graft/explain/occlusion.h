// Occlusion (Zeiler and Fergus 2014): parts of the picture are covered, one after the other, and the model is run again. It needs nothing from inside the
// network.
#pragma once

#include <vector>

#include "graft/base/size.h"

namespace graft::explain {

/// The shorter side is divided into this many parts. The covering square is two parts wide and high, so each part is covered four times.
inline constexpr int kOcclusionParts = 14;

/// How a picture is divided: part y lies between rows[y] and rows[y + 1].
struct OcclusionGrid {
  std::vector<int> rows, columns;
};
OcclusionGrid occlusion_grid(Size picture);

}  // namespace graft::explain

// A map over a picture: how much each part of it speaks for a class.
#pragma once

#include <cstddef>
#include <vector>

namespace graft::explain {

/// (height, width), row-major, over the whole picture that the network sees (the crop of Preprocess), of any size; positive where it speaks for the class.
struct HeatMap {
  int height = 0, width = 0;
  std::vector<float> values = {};

  float& at(int y, int x) { return values[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)]; }
  float at(int y, int x) const { return values[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)]; }
};

/// Left to right.
HeatMap mirrored(const HeatMap& map);

/// Bilinear between the centers of the parts, with the border extended: for display.
HeatMap resized(const HeatMap& map, int height, int width);

/// Like resized(), to at least as many parts, but the values are divided so that their sum stays the same: each is a share of an answer.
HeatMap shared_out(const HeatMap& map, int height, int width);

/// `more` of the same size, times `factor`.
void add(HeatMap& map, const HeatMap& more, float factor = 1);

}  // namespace graft::explain

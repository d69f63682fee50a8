// Maps as pictures: over the photo that they are of.
#pragma once

#include <array>
#include <cstdint>

#include "graft/data/preprocess.h"
#include "graft/explain/heat_map.h"
#include "graft/image/image.h"

namespace graft::explain {

/// The part of an upright photo that the network sees, as parts of its width and height, 0 to 1.
struct Window {
  double x = 0, y = 0, width = 1, height = 1;
};
Window window_of(int width, int height, const data::Preprocess& preprocess);

/// What is to be read off a map.
struct Reading {
  double across = 0, down = 0;  // where it is largest, as parts of the photo's width and height from the left and the top
  double half_within = 1;       // the part of what the network sees that half of all supporting evidence lies on; 1 where nothing supports
  bool supports = false;        // something of it is above zero
};
Reading read(const HeatMap& map, const Window& window);

/// From what says nothing, 0, to what says most, 1: lightness grows from end to end, so that it reads in grey and with any colour vision.
std::array<uint8_t, 3> colour_of(double value);

/// The photo in grey with the map over it, dark where the network does not see it. What supports is coloured, the more the higher, `most` being the end
/// of the scale; what speaks against is not coloured.
image::Image overlay(const image::Image& photo, const HeatMap& map, const Window& window, float most);

/// With a line around what the network sees.
image::Image outlined(image::Image photo, const Window& window);

}  // namespace graft::explain

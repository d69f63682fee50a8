// Maps as pictures, drawn over their photo.
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

/// What can be read off a map.
struct Reading {
  double across = 0, down = 0;  // where it is largest, as parts of the photo's width and height from the left and the top
  double half_within = 1;       // the fraction of what the network sees that holds half of all support; 1 if nothing supports the class
  bool supports = false;        // something of it is above zero
};
Reading read(const HeatMap& map, const Window& window);

/// From no support, 0, to the most, 1: lightness grows from end to end, so the scale reads in gray and with any color vision.
std::array<uint8_t, 3> colour_of(double value);

/// The photo in gray under the map, dark where the network does not see it. Support for the class
/// is colored, `most` being the end of the scale; what speaks against the class is not colored.
image::Image overlay(const image::Image& photo, const HeatMap& map, const Window& window, float most);

/// With a line around what the network sees.
image::Image outlined(image::Image photo, const Window& window);

}  // namespace graft::explain

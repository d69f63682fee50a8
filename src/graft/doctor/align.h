// Two pictures laid over each other and compared pixel by pixel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "graft/doctor/symmetry.h"
#include "graft/image/image.h"

namespace graft::doctor {

/// A square of luma, rows from the top.
struct Plane {
  int side = 0;
  std::vector<float> values = {};  // (side, side)
  float at(int x, int y) const { return values[static_cast<std::size_t>(y * side + x)]; }
};

/// The picture stretched to a square.
Plane plane_of(const image::Image& image, int side);
Plane plane_of(std::span<const uint8_t> luma, int side);
/// Laid on itself.
Plane laid(const Plane& plane, const Symmetry& symmetry);
/// Of half the side, which is even.
Plane halved(const Plane& plane);
/// Binomial blur over 5 x 5 pixels, about a Gaussian of deviation 1.
Plane smooth(const Plane& plane);

/// Where a point of one picture is in the other, both measured from the center in side lengths: x' = scale_x * x + shift_x.
struct Frame {
  double scale_x = 1, shift_x = 0, scale_y = 1, shift_y = 0;
};

/// The frame near `start` at which `still` and the part of `moving` under it correlate best (Evangelidis and Psarakis 2008: Gauss-Newton on
/// the correlation, so that brightness and contrast do not count). It stays within what a crop can do: scales 0.75 to 1.33, shifts up to 0.2.
Frame align(const Plane& still, const Plane& moving, const Frame& start, int steps);

/// `moving` seen through the frame, with the side of `still`; NaN outside of it.
Plane moved(const Plane& moving, const Frame& frame);

/// Correlation of the pixels that both have, in [-1, 1]; 0 if either is flat.
double correlation(const Plane& a, const Plane& b);

}  // namespace graft::doctor

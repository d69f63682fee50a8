// Flips, borders, affine and projective maps, as torchvision.transforms.functional does them on a PIL image.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "graft/image/image.h"

namespace graft::image {

/// The padding modes of torchvision's pad(), then NumPy's "wrap". Keras calls them constant, nearest, (none), reflect, wrap.
enum class Border {
  constant,   // a fill colour
  edge,       // the outermost pixel again and again
  reflect,    // mirrored about the outermost pixel, which is not repeated; any number of times
  symmetric,  // mirrored about the edge, so that the outermost pixel is repeated: dcba|abcd|dcba
  wrap,       // the opposite edge follows: abcd|abcd|abcd
};

using Rgb = std::array<uint8_t, 3>;

/// Where pixel `index` of an axis of `size` pixels is taken from; -1: from nowhere, it has the fill colour.
int64_t border_index(int64_t index, int64_t size, Border border);

/// hflip and vflip, in place, of rows of `width` pixels.
void flip_horizontal(std::span<uint8_t> rgb, int width);
void flip_vertical(std::span<uint8_t> rgb, int width);

/// Pixels on each side, at least 0.
struct Margins {
  int left = 0, top = 0, right = 0, bottom = 0;
};

/// pad(padding, fill, padding_mode).
Image pad(const Image& image, const Margins& margins, Border border, Rgb fill = {});

/// x' = a x + b y + c, y' = d x + e y + f, in pixels, where the first pixel's centre is (0.5, 0.5).
struct Matrix {
  double a = 1, b = 0, c = 0, d = 0, e = 1, f = 0;
};

/// The map that does `first`, then `then`.
Matrix composed(const Matrix& first, const Matrix& then);

/// The arguments of torchvision's affine().
struct Turn {
  double angle = 0;                         // degrees, clockwise
  double translate_x = 0, translate_y = 0;  // pixels, to the right and down
  double scale = 1;                         // > 0
  double shear_x = 0, shear_y = 0;          // degrees
};

/// From a pixel of the result to the one it shows, about the centre of width x height: torchvision's _get_inverse_affine_matrix with Pillow's
/// centres of pixels.
Matrix inverse_matrix(const Turn& turn, double width, double height);

/// affine(angle, translate, scale, shear, InterpolationMode.BILINEAR, fill) on an image of the same size, within one level. With a border that
/// is not constant as if the image had been padded so far that nothing else shows.
Image affine(const Image& image, const Turn& turn, Border border, Rgb fill = {});

/// width x height pixels (out: height x width x 3) of the image under the map from them to it, bilinear: what affine() is made of. Places
/// in the image must stay within 2^30 pixels.
void transform(const Image& image, const Matrix& to_image, int width, int height, Border border, Rgb fill, std::span<uint8_t> out);

/// x' = (a x + b y + c) / (g x + h y + 1), y' = (d x + e y + f) / (g x + h y + 1).
struct Projection {
  Matrix over;
  double g = 0, h = 0;
};

Projection composed(const Projection& first, const Matrix& then);

struct Point {
  double x = 0, y = 0;
};

/// g x + h y + 1: of one sign on each side of the horizon, where it is 0.
double depth(const Projection& projection, Point point);

/// Where it takes a point; within 2^28 pixels, also at the horizon.
Point at(const Projection& projection, Point point);

/// top left, top right, bottom right, bottom left
using Corners = std::array<Point, 4>;

/// From where the corners are in the result to where they are in the image: torchvision's _get_perspective_coeffs(start, end), rounded to float as
/// there. None where three of a quadrangle's corners lie on a line.
std::optional<Projection> perspective_map(const Corners& start, const Corners& end);

/// perspective(startpoints, endpoints, InterpolationMode.BILINEAR, fill) on an image of the same size, within one level; borders as affine().
/// A copy where there is no such map.
Image perspective(const Image& image, const Corners& start, const Corners& end, Border border, Rgb fill = {});

/// As transform() above, under a projection.
void transform(const Image& image, const Projection& to_image, int width, int height, Border border, Rgb fill, std::span<uint8_t> out);

}  // namespace graft::image

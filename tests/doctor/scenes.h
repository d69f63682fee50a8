// Made photos with enough in them to be told apart, and what people do to photos.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "doctor/photos.h"
#include "graft/doctor/symmetry.h"
#include "graft/image/resize.h"

namespace graft::doctor {

/// A shaded ground with some dozen ellipses and a little noise, another one for each number.
inline image::Image scene(int number, int width = 160, int height = 120) {
  Rng rng(static_cast<uint64_t>(number), 1);
  struct Ellipse {
    double x, y, a, b, colour[3];
  };
  std::vector<Ellipse> shapes(40);
  for (Ellipse& e : shapes) {
    e = {rng.uniform() * width, rng.uniform() * height, 3 + rng.uniform() * width / 8, 3 + rng.uniform() * height / 8, {}};
    for (double& c : e.colour) c = 255 * rng.uniform();
  }
  image::Image picture{width, height, {}};
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < 3; ++c) {
        double value = 60 + 80.0 * x / width + 40.0 * y / height;
        for (const Ellipse& e : shapes)
          if (std::pow((x - e.x) / e.a, 2) + std::pow((y - e.y) / e.b, 2) < 1) value = e.colour[c];
        picture.pixels.push_back(static_cast<uint8_t>(std::clamp(value + 8 * (rng.uniform() - 0.5), 0.0, 255.0)));
      }
  return picture;
}

/// Noise of `levels` up and down, as a strong compression makes it.
inline image::Image noisy(image::Image picture, double levels, int number) {
  Rng rng(static_cast<uint64_t>(number), 2);
  for (uint8_t& value : picture.pixels) value = static_cast<uint8_t>(std::clamp(value + levels * (2 * rng.uniform() - 1), 0.0, 255.0));
  return picture;
}

/// Without that part of each side.
inline image::Image cropped(const image::Image& picture, double left, double top, double right, double bottom) {
  const int x0 = static_cast<int>(std::lround(left * picture.width)), y0 = static_cast<int>(std::lround(top * picture.height));
  image::Image part{picture.width - x0 - static_cast<int>(std::lround(right * picture.width)),
                    picture.height - y0 - static_cast<int>(std::lround(bottom * picture.height)),
                    {}};
  for (int y = 0; y < part.height; ++y) {
    const auto row = picture.pixels.begin() + 3 * static_cast<std::ptrdiff_t>((y + y0) * picture.width + x0);
    part.pixels.insert(part.pixels.end(), row, row + 3 * static_cast<std::ptrdiff_t>(part.width));
  }
  return part;
}

inline image::Image laid(const image::Image& picture, const Symmetry& s) {
  image::Image result{s.transposed ? picture.height : picture.width, s.transposed ? picture.width : picture.height, {}};
  for (int y = 0; y < result.height; ++y)
    for (int x = 0; x < result.width; ++x) {
      const int u = s.mirrored ? result.width - 1 - x : x, v = s.upside_down ? result.height - 1 - y : y;
      const auto from = 3 * static_cast<std::size_t>((s.transposed ? u : v) * picture.width + (s.transposed ? v : u));
      for (std::size_t c = 0; c < 3; ++c) result.pixels.push_back(picture.pixels[from + c]);
    }
  return result;
}

}  // namespace graft::doctor

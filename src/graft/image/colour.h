// Changes of color, equal to torchvision.transforms.functional on a PIL image (Pillow's ImageEnhance: a blend of the image with black, with
// its mean gray, with its own gray; for the hue a rotation of the H of Pillow's 8-bit HSV). In place on RGB bytes, 3 a pixel; no state.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

namespace graft::image {

/// ITU-R 601 as Pillow's convert("L") takes it.
inline uint8_t luma(const uint8_t* rgb) { return static_cast<uint8_t>((19595U * rgb[0] + 38470U * rgb[1] + 7471U * rgb[2] + 0x8000U) >> 16); }

/// Pillow's Image.blend of a and b, in its float arithmetic, cut off and not rounded; beyond both with a share outside of 0 ... 1.
inline uint8_t blend(int a, int b, float share) {
  return static_cast<uint8_t>(std::clamp(static_cast<float>(a) + share * static_cast<float>(b - a), 0.0F, 255.0F));
}

enum class Colour { brightness, contrast, saturation, hue };

/// A factor of 1, and a hue of 0, changes nothing. Factors at least 0; hue -0.5 to 0.5, of the colour circle.
struct ColourJitter {
  double brightness = 1, contrast = 1, saturation = 1, hue = 0;
  std::array<Colour, 4> order = {Colour::brightness, Colour::contrast, Colour::saturation, Colour::hue};

  bool any() const { return brightness != 1 || contrast != 1 || saturation != 1 || hue != 0; }
};

/// adjust_brightness, adjust_contrast, adjust_saturation and adjust_hue in the given order, as ColorJitter does; in one pass where they allow it.
/// The same bytes, but for saturation, which in rare places is a level below where Pillow's float sum rounds up to a whole number.
void jitter(std::span<uint8_t> rgb, const ColourJitter& colours);

}  // namespace graft::image

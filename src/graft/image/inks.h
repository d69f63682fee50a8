// CMYK as Pillow shows it.
#pragma once

#include <cstdint>

namespace graft::image {

/// round(a * b / 255)
inline uint8_t product_255(unsigned a, unsigned b) {
  const unsigned t = a * b + 128;
  return static_cast<uint8_t>((t + (t >> 8)) >> 8);
}

/// What is left of white under one ink and black; 255 is all of the ink.
inline uint8_t under_inks(unsigned ink, unsigned black) { return static_cast<uint8_t>(255 - black - product_255(ink, 255 - black)); }

}  // namespace graft::image

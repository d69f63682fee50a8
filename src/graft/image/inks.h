// CMYK and YCbCr as Pillow shows them.
#pragma once

#include <algorithm>
#include <cstdint>

namespace graft::image {

/// round(a * b / 255)
inline uint8_t product_255(unsigned a, unsigned b) {
  const unsigned t = a * b + 128;
  return static_cast<uint8_t>((t + (t >> 8)) >> 8);
}

/// What is left of white under one ink and black; 255 is all of the ink.
inline uint8_t under_inks(unsigned ink, unsigned black) { return static_cast<uint8_t>(255 - black - product_255(ink, 255 - black)); }

/// What a chroma adds to a colour, in 64ths: rounded as Pillow's tables are, towards zero of what lies below it.
inline int from_chroma(double factor, unsigned chroma) { return static_cast<int>(factor * 64 * (static_cast<int>(chroma) - 128) + 0.5); }

/// JFIF's YCbCr, in place.
inline void ycc_to_rgb(uint8_t* v) {
  const int y = v[0], red = from_chroma(1.402, v[2]), blue = from_chroma(1.772, v[1]);
  const int green = from_chroma(-0.34414, v[1]) + from_chroma(-0.71414, v[2]);
  const auto put = [&](int i, int sixty_fourths) { v[i] = static_cast<uint8_t>(std::clamp(y + (sixty_fourths >> 6), 0, 255)); };
  put(0, red), put(1, green), put(2, blue);
}

}  // namespace graft::image

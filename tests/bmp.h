// Writes photos for tests without an encoder: 24-bit BMP.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "graft/base/files.h"

namespace graft {

/// `rgb`: (height, width, 3).
inline std::string bmp(std::span<const uint8_t> rgb, int width, int height) {
  const auto stride = static_cast<std::size_t>((width * 3 + 3) / 4 * 4), size = stride * static_cast<std::size_t>(height);
  std::string out = "BM";
  const auto put = [&](uint32_t v, int bytes) {
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(v >> (8 * i) & 255);
  };
  put(static_cast<uint32_t>(54 + size), 4), put(0, 4), put(54, 4), put(40, 4);
  put(static_cast<uint32_t>(width), 4), put(static_cast<uint32_t>(height), 4), put(1, 2), put(24, 2), put(0, 4), put(static_cast<uint32_t>(size), 4);
  put(2835, 4), put(2835, 4), put(0, 4), put(0, 4);
  for (int y = height - 1; y >= 0; --y) {
    for (int x = 0; x < width; ++x)
      for (int c = 2; c >= 0; --c) out += static_cast<char>(rgb[static_cast<std::size_t>((y * width + x) * 3 + c)]);
    out.append(stride - static_cast<std::size_t>(width) * 3, '\0');
  }
  return out;
}

/// A photo of one of several kinds that a classifier can tell apart: stripes whose direction, width and colour depend on `kind`, jittered by `number`.
inline std::string made_photo(int kind, int number, int width = 96, int height = 80) {
  std::string rgb;
  uint32_t noise = static_cast<uint32_t>(kind * 7919 + number * 104729 + 1);
  const int shift = number * 5;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < 3; ++c) {
        noise = noise * 1664525U + 1013904223U;
        const int along = kind % 2 == 0 ? x + shift : y + shift, bright = along / (4 + 3 * (kind / 2)) % 2 == 0 ? 200 : 60;
        rgb += static_cast<char>(std::min(255, bright + (c == kind % 3 ? 40 : 0) + static_cast<int>(noise >> 28)));
      }
  return bmp(std::span(reinterpret_cast<const uint8_t*>(rgb.data()), rgb.size()), width, height);
}

}  // namespace graft

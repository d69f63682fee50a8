#include "graft/image/colour.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace graft::image {
namespace {

using Table = std::array<uint8_t, 256>;

/// `table`, then a blend of its value with `grey`.
void blend_after(Table& table, int grey, double factor) {
  for (uint8_t& value : table) value = blend(grey, value, static_cast<float>(factor));
}

/// The mean luma of what the table makes of the pixels, rounded.
int mean_luma(std::span<const uint8_t> rgb, const Table& table) {
  uint64_t sum = 0;
  for (size_t i = 0; i < rgb.size(); i += 3) {
    const uint8_t pixel[3] = {table[rgb[i]], table[rgb[i + 1]], table[rgb[i + 2]]};
    sum += luma(pixel);
  }
  return static_cast<int>(std::lround(static_cast<double>(sum) / (static_cast<double>(rgb.size()) / 3)));
}

void saturate(std::span<uint8_t> rgb, const Table& table, double factor) {
  // How far from its grey a channel goes for every distance it has: -255 ... 255.
  std::array<int16_t, 511> away;
  for (size_t i = 0; i < away.size(); ++i) {
    const float distance = static_cast<float>(factor) * (static_cast<float>(i) - 255);
    away[i] = static_cast<int16_t>(std::clamp(std::floor(distance), -256.0F, 256.0F));
  }
  const int16_t* middle = away.data() + 255;
  for (size_t i = 0; i < rgb.size(); i += 3) {
    const uint8_t pixel[3] = {table[rgb[i]], table[rgb[i + 1]], table[rgb[i + 2]]};
    const int grey = luma(pixel);
    for (size_t c = 0; c < 3; ++c) rgb[i + c] = static_cast<uint8_t>(std::clamp(grey + middle[pixel[c] - grey], 0, 255));
  }
}

struct Hsv {
  uint8_t h, s, v;
};

// Pillow's "HSV": the hexcone of Smith 1978 ("Color gamut transform pairs"), all three in 0 ... 255, cut off.
Hsv hsv_of(const uint8_t* rgb) {
  const uint8_t high = std::max({rgb[0], rgb[1], rgb[2]}), low = std::min({rgb[0], rgb[1], rgb[2]});
  if (high == low) return {0, 0, high};
  const auto range = static_cast<float>(high - low);
  const auto below = [&](int c) { return static_cast<float>(high - rgb[c]) / range; };
  double sixths = 0;
  if (rgb[0] == high) sixths = below(2) - below(1);
  else if (rgb[1] == high) sixths = static_cast<float>(2.0 + below(0) - below(2));
  else sixths = static_cast<float>(4.0 + below(1) - below(0));
  const double positive = sixths / 6.0 + 1.0;
  const auto turn = static_cast<float>(positive >= 1 ? positive - 1 : positive);
  return {static_cast<uint8_t>(turn * 255.0), static_cast<uint8_t>(range / static_cast<float>(high) * 255.0), high};
}

void set_rgb(uint8_t* rgb, const Hsv& hsv) {
  if (hsv.s == 0) return std::ranges::fill_n(rgb, 3, hsv.v), void();
  const double sixths = hsv.h * 6.0 / 255.0, v = hsv.v;
  const int sector = static_cast<int>(sixths);
  const auto behind = static_cast<float>(sixths - sector), s = static_cast<float>(hsv.s / 255.0);
  const auto rounded = [](double x) { return static_cast<uint8_t>(std::clamp(static_cast<int>(2 * x + 1) / 2, 0, 255)); };
  const uint8_t low = rounded(v * (1.0 - s)), falling = rounded(v * (1.0 - static_cast<double>(s * behind)));
  const uint8_t rising = rounded(v * (1.0 - s * (1.0 - behind)));
  const std::array<std::array<uint8_t, 3>, 6> sectors = {
      {{hsv.v, rising, low}, {falling, hsv.v, low}, {low, hsv.v, rising}, {low, falling, hsv.v}, {rising, low, hsv.v}, {hsv.v, low, falling}}};
  std::ranges::copy(sectors[static_cast<size_t>(sector % 6)], rgb);
}

void turn_hue(std::span<uint8_t> rgb, const Table& table, double turn) {
  const auto shift = static_cast<uint8_t>(static_cast<int>(turn * 255));
  for (size_t i = 0; i < rgb.size(); i += 3) {
    const uint8_t pixel[3] = {table[rgb[i]], table[rgb[i + 1]], table[rgb[i + 2]]};
    Hsv hsv = hsv_of(pixel);
    hsv.h = static_cast<uint8_t>(hsv.h + shift);
    set_rgb(&rgb[i], hsv);
  }
}

}  // namespace

void jitter(std::span<uint8_t> rgb, const ColourJitter& colours) {
  if (rgb.empty()) return;
  Table same;
  std::iota(same.begin(), same.end(), uint8_t{0});
  // Changes of each value by itself wait in the table until something needs the pixels.
  Table table = same;
  for (const Colour colour : colours.order) {
    if (colour == Colour::brightness && colours.brightness != 1) blend_after(table, 0, colours.brightness);
    if (colour == Colour::contrast && colours.contrast != 1) blend_after(table, mean_luma(rgb, table), colours.contrast);
    if (colour == Colour::saturation && colours.saturation != 1) saturate(rgb, std::exchange(table, same), colours.saturation);
    if (colour == Colour::hue && colours.hue != 0) turn_hue(rgb, std::exchange(table, same), colours.hue);
  }
  if (table != same)
    for (uint8_t& value : rgb) value = table[value];
}

}  // namespace graft::image

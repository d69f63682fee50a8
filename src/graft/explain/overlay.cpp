#include "graft/explain/overlay.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "graft/image/colour.h"
#include "graft/image/resize.h"

namespace graft::explain {
namespace {

constexpr int kUnseen = 90;                      // of 256: the brightness of what the network does not see
constexpr double kMostCover = 0.8, kRise = 0.6;  // of the photo by colour, and how soon that grows with the map

/// In whole pixels of an image, inside of it.
image::Box box_of(const Window& window, const image::Image& photo) {
  const auto at = [](double part, int side) { return std::clamp(static_cast<int>(std::lround(part * side)), 0, side); };
  const int left = at(window.x, photo.width), top = at(window.y, photo.height);
  return {left, top, at(window.x + window.width, photo.width) - left, at(window.y + window.height, photo.height) - top};
}

uint8_t mixed(double from, double to, double part) { return static_cast<uint8_t>(std::lround(from + (to - from) * part)); }

/// `part` of 256.
uint8_t mixed_in_256(int from, int to, int part) { return static_cast<uint8_t>((from * (256 - part) + to * part + 128) >> 8); }

/// How a place is coloured by its value of 255: for each pixel a step of 1 / 255 is less than can be seen.
struct Shade {
  std::array<uint8_t, 3> colour;
  int cover;  // of 256
};

const std::array<Shade, 256>& shades() {
  static const std::array<Shade, 256> all = [] {
    std::array<Shade, 256> out;
    for (std::size_t i = 0; i < out.size(); ++i) {
      const double value = static_cast<double>(i) / 255;
      out[i] = {colour_of(value), static_cast<int>(std::lround(256 * kMostCover * std::pow(value, kRise)))};
    }
    return out;
  }();
  return all;
}

}  // namespace

Window window_of(int width, int height, const data::Preprocess& preprocess) {
  const image::Extent whole = image::covering(width, height, preprocess.cover());
  const double across = static_cast<double>(preprocess.crop.width) / static_cast<double>(std::max<int64_t>(whole.width, 1));
  const double down = static_cast<double>(preprocess.crop.height) / static_cast<double>(std::max<int64_t>(whole.height, 1));
  return {(1 - across) / 2, (1 - down) / 2, across, down};
}

Reading read(const HeatMap& map, const Window& window) {
  const auto peak = static_cast<int>(std::ranges::max_element(map.values) - map.values.begin());
  Reading reading{window.x + window.width * (peak % map.width + 0.5) / map.width, window.y + window.height * (peak / map.width + 0.5) / map.height};
  std::vector<float> above;
  for (const float value : map.values)
    if (value > 0) above.push_back(value);
  if (above.empty()) return reading;
  reading.supports = true;
  std::ranges::sort(above, std::greater());
  const double half = std::accumulate(above.begin(), above.end(), 0.0) / 2;
  double sum = 0;
  std::size_t places = 0;
  while (sum < half && places < above.size()) sum += static_cast<double>(above[places++]);
  reading.half_within = static_cast<double>(places) / static_cast<double>(map.values.size());
  return reading;
}

std::array<uint8_t, 3> colour_of(double value) {
  // Indigo, blue, teal, green, lime, yellow.
  static constexpr double kColours[][3] = {{48, 18, 96}, {44, 74, 148}, {24, 126, 142}, {62, 172, 108}, {166, 210, 58}, {255, 236, 70}};
  const double at = std::clamp(value, 0.0, 1.0) * (std::size(kColours) - 1);
  const std::size_t low = std::min(static_cast<std::size_t>(at), std::size(kColours) - 2);
  std::array<uint8_t, 3> colour{};
  for (std::size_t c = 0; c < 3; ++c) colour[c] = mixed(kColours[low][c], kColours[low + 1][c], at - static_cast<double>(low));
  return colour;
}

image::Image overlay(const image::Image& photo, const HeatMap& map, const Window& window, float most) {
  image::Image out = photo;
  const image::Box box = box_of(window, photo);
  const HeatMap shown = box.width > 0 && box.height > 0 ? resized(map, box.height, box.width) : map;
  for (int y = 0; y < photo.height; ++y)
    for (int x = 0; x < photo.width; ++x) {
      uint8_t* pixel = &out.pixels[(static_cast<std::size_t>(y) * static_cast<std::size_t>(photo.width) + static_cast<std::size_t>(x)) * 3];
      const int grey = image::luma(pixel);
      const bool seen = x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height;
      if (!seen) {
        std::fill_n(pixel, 3, mixed_in_256(0, grey, kUnseen));
        continue;
      }
      const float value = most > 0 ? std::clamp(shown.at(y - box.y, x - box.x) / most, 0.F, 1.F) : 0.F;
      const Shade& shade = shades()[static_cast<std::size_t>(value * 255 + 0.5F)];
      for (std::size_t c = 0; c < 3; ++c) pixel[c] = mixed_in_256(grey, shade.colour[c], shade.cover);
    }
  return out;
}

image::Image outlined(image::Image photo, const Window& window) {
  const image::Box box = box_of(window, photo);
  if (box == image::whole(photo)) return photo;
  const auto draw = [&](int x, int y, uint8_t brightness) {
    if (x < 0 || y < 0 || x >= photo.width || y >= photo.height) return;
    uint8_t* pixel = &photo.pixels[(static_cast<std::size_t>(y) * static_cast<std::size_t>(photo.width) + static_cast<std::size_t>(x)) * 3];
    std::fill_n(pixel, 3, brightness);
  };
  for (const int inset : {0, 1}) {  // white beside black shows on every photo
    const int left = box.x + inset, top = box.y + inset, right = box.x + box.width - 1 - inset, bottom = box.y + box.height - 1 - inset;
    const uint8_t brightness = inset == 0 ? 0 : 255;
    for (int x = left; x <= right; ++x) draw(x, top, brightness), draw(x, bottom, brightness);
    for (int y = top; y <= bottom; ++y) draw(left, y, brightness), draw(right, y, brightness);
  }
  return photo;
}

}  // namespace graft::explain

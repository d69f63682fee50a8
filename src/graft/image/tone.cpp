#include "graft/image/tone.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "graft/image/colour.h"

namespace graft::image {
namespace {

using Table = std::array<uint8_t, 256>;
using Tables = std::array<Table, 3>;
using Histogram = std::array<int64_t, 256>;

template <class Value>
Table table_of(const Value& value) {
  Table table;
  for (int i = 0; i < 256; ++i) table[static_cast<size_t>(i)] = static_cast<uint8_t>(value(i));
  return table;
}

void look_up(std::span<uint8_t> rgb, const Tables& tables) {
  for (size_t i = 0; i < rgb.size(); i += 3)
    for (size_t c = 0; c < 3; ++c) rgb[i + c] = tables[c][rgb[i + c]];
}

void look_up(std::span<uint8_t> rgb, const Table& table) {
  for (uint8_t& value : rgb) value = table[value];
}

std::array<Histogram, 3> histograms(std::span<const uint8_t> rgb) {
  std::array<Histogram, 3> counts{};
  for (size_t i = 0; i < rgb.size(); i += 3)
    for (size_t c = 0; c < 3; ++c) ++counts[c][rgb[i + c]];
  return counts;
}

/// The first and last value that occurs.
std::pair<int, int> ends(const Histogram& counts) {
  const auto occurs = [](int64_t count) { return count > 0; };
  const auto low = std::ranges::find_if(counts, occurs) - counts.begin();
  const auto high = std::find_if(counts.rbegin(), counts.rend(), occurs) - counts.rbegin();
  return {static_cast<int>(low), static_cast<int>(255 - high)};
}

Table stretched(const Histogram& counts) {
  const auto [low, high] = ends(counts);
  if (high <= low) return table_of([](int i) { return i; });
  const double scale = 255.0 / (high - low), offset = -low * scale;
  return table_of([&](int i) { return std::clamp(static_cast<int>(i * scale + offset), 0, 255); });
}

Table equalised(const Histogram& counts) {
  const int64_t all = std::accumulate(counts.begin(), counts.end(), int64_t{0});
  const int64_t step = all == 0 ? 0 : (all - counts[static_cast<size_t>(ends(counts).second)]) / 255;
  if (step == 0) return table_of([](int i) { return i; });
  int64_t below = step / 2;
  return table_of([&](int i) {
    const int64_t value = below / step;
    below += counts[static_cast<size_t>(i)];
    return std::min<int64_t>(value, 255);
  });
}

}  // namespace

void make_grey(std::span<uint8_t> rgb) {
  for (size_t i = 0; i < rgb.size(); i += 3) std::ranges::fill_n(&rgb[i], 3, luma(&rgb[i]));
}

void posterise(std::span<uint8_t> rgb, int bits) {
  const auto mask = static_cast<uint8_t>(0xff00U >> bits);
  for (uint8_t& value : rgb) value &= mask;
}

void solarise(std::span<uint8_t> rgb, double threshold) {
  look_up(rgb, table_of([&](int i) { return i < threshold ? i : 255 - i; }));
}

void autocontrast(std::span<uint8_t> rgb) {
  if (rgb.empty()) return;
  const auto counts = histograms(rgb);
  look_up(rgb, {stretched(counts[0]), stretched(counts[1]), stretched(counts[2])});
}

void equalise(std::span<uint8_t> rgb) {
  if (rgb.empty()) return;
  const auto counts = histograms(rgb);
  look_up(rgb, {equalised(counts[0]), equalised(counts[1]), equalised(counts[2])});
}

void invert(std::span<uint8_t> rgb) {
  for (uint8_t& value : rgb) value = static_cast<uint8_t>(255 - value);
}

void erase(std::span<uint8_t> rgb, int width, const Box& box, Rgb colour) {
  for (int y = box.y; y < box.y + box.height; ++y)
    for (int x = box.x; x < box.x + box.width; ++x) std::ranges::copy(colour, &rgb[static_cast<size_t>((int64_t{y} * width + x) * 3)]);
}

}  // namespace graft::image

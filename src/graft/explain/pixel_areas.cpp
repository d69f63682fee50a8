#include "graft/explain/pixel_areas.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "graft/base/rng.h"
#include "graft/explain/blurred.h"

namespace graft::explain {
namespace {

constexpr uint64_t kTies = 0x74696573, kNoise = 0x6e6f697365;  // "ties", "noise": streams of their own
constexpr int kGrid = 7;                                       // of random maps
constexpr double kBlurKernel = 11.0 / 224, kBlurSigma = 5.0 / 224;

/// All pixels, the highest first.
std::vector<std::size_t> order_of(const HeatMap& map, Size size, uint64_t seed, uint64_t photo) {
  const HeatMap fine = resized(map, size.height, size.width);
  std::vector<std::size_t> order(fine.values.size());
  std::iota(order.begin(), order.end(), 0);
  Rng(seed ^ kTies, photo).shuffle(std::span(order));
  std::ranges::stable_sort(order, std::greater{}, [&](std::size_t pixel) { return fine.values[pixel]; });
  return order;
}

/// From `base` to `end`: behind each other the pictures with 0, 1/steps, ... of the pixels of `end`.
void add_pictures(std::vector<uint8_t>& rows, std::vector<uint8_t> base, std::span<const uint8_t> end, std::span<const std::size_t> order,
                  int steps) {
  const std::size_t channels = base.size() / order.size(), parts = static_cast<std::size_t>(steps);
  std::size_t done = 0;
  for (std::size_t part = 0; part <= parts; ++part) {
    for (; done < order.size() * part / parts; ++done)
      for (std::size_t c = 0; c < channels; ++c) base[order[done] * channels + c] = end[order[done] * channels + c];
    rows.insert(rows.end(), base.begin(), base.end());
  }
}

double area(std::span<const double> curve) {
  double sum = (curve.front() + curve.back()) / 2;
  for (const double value : curve.subspan(1, curve.size() - 2)) sum += value;
  return sum / static_cast<double>(curve.size() - 1);
}

std::vector<uint8_t> mean_colour(const data::Preprocess& preprocess) {
  std::vector<uint8_t> row(preprocess.row_bytes());
  const auto channels = static_cast<std::size_t>(preprocess.channels());
  for (std::size_t i = 0; i < row.size(); ++i)
    row[i] = static_cast<uint8_t>(std::lround(std::clamp(preprocess.mean[i % channels] * 255, 0.0F, 255.0F)));
  return row;
}

std::vector<double> ranks(std::span<const float> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, {}, [&](std::size_t i) { return values[i]; });
  std::vector<double> ranks(values.size());
  for (std::size_t first = 0, last = 0; first < order.size(); first = last) {
    while (last < order.size() && values[order[last]] == values[order[first]]) ++last;
    for (std::size_t i = first; i < last; ++i) ranks[order[i]] = static_cast<double>(first + last - 1) / 2;
  }
  return ranks;
}

}  // namespace

std::vector<PixelAreas> pixel_areas(const data::Preprocess& preprocess, std::span<const uint8_t> row, std::span<const HeatMap> maps, int steps,
                                    uint64_t seed, uint64_t photo, const Ask& ask) {
  const int shorter = preprocess.crop.shorter();
  const std::vector<uint8_t> blur = blurred(preprocess, row, 2 * std::max(1, static_cast<int>(kBlurKernel * shorter / 2)) + 1, kBlurSigma * shorter);
  const std::vector<uint8_t> empty = mean_colour(preprocess), whole(row.begin(), row.end());
  std::vector<uint8_t> rows;
  for (const HeatMap& map : maps) {
    const std::vector<std::size_t> order = order_of(map, preprocess.crop, seed, photo);
    add_pictures(rows, blur, row, order, steps);
    add_pictures(rows, whole, empty, order, steps);
  }
  const std::size_t points = static_cast<std::size_t>(steps) + 1;
  const std::vector<double> probabilities = ask(rows, maps.size() * 2 * points);
  std::vector<PixelAreas> areas;
  for (std::size_t m = 0; m < maps.size(); ++m) {
    const auto curve = [&](std::size_t which) { return std::span(probabilities).subspan((2 * m + which) * points, points); };
    areas.push_back({area(curve(0)), area(curve(1))});
  }
  return areas;
}

HeatMap centre_map(Size size) {
  HeatMap map{size.height, size.width, {}};
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x)
      map.values.push_back(-static_cast<float>(std::hypot((y + 0.5) / size.height - 0.5, (x + 0.5) / size.width - 0.5)));
  return map;
}

HeatMap random_map(uint64_t seed, uint64_t photo) {
  Rng rng(seed ^ kNoise, photo);
  HeatMap map{kGrid, kGrid, {}};
  for (int i = 0; i < kGrid * kGrid; ++i) map.values.push_back(static_cast<float>(rng.uniform()));
  return map;
}

double rank_correlation(std::span<const float> a, std::span<const float> b) {
  const std::vector<double> first = ranks(a), second = ranks(b);
  const double middle = static_cast<double>(first.size() - 1) / 2;
  double both = 0, of_first = 0, of_second = 0;
  for (std::size_t i = 0; i < first.size(); ++i) {
    both += (first[i] - middle) * (second[i] - middle);
    of_first += std::pow(first[i] - middle, 2);
    of_second += std::pow(second[i] - middle, 2);
  }
  return of_first > 0 && of_second > 0 ? both / std::sqrt(of_first * of_second) : 0;
}

}  // namespace graft::explain

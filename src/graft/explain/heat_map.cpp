#include "graft/explain/heat_map.h"

#include <algorithm>
#include <cmath>

namespace graft::explain {
namespace {

/// (out, in): how much each of `in` parts of a line counts for each of `out`.
std::vector<float> line_weights(int in, int out) {
  std::vector<float> weights(static_cast<std::size_t>(in) * static_cast<std::size_t>(out));
  for (int i = 0; i < out; ++i) {
    const double at = std::clamp((i + 0.5) * in / out - 0.5, 0.0, in - 1.0);
    const int low = static_cast<int>(at), high = std::min(low + 1, in - 1);
    const auto row = static_cast<std::size_t>(i) * static_cast<std::size_t>(in);
    weights[row + static_cast<std::size_t>(low)] += static_cast<float>(1 - (at - low));
    weights[row + static_cast<std::size_t>(high)] += static_cast<float>(at - low);
  }
  return weights;
}

/// Each of `in` parts counts for one in all.
std::vector<float> sharing_weights(int in, int out) {
  std::vector<float> weights = line_weights(in, out);
  const auto columns = static_cast<std::size_t>(in);
  for (std::size_t j = 0; j < columns; ++j) {
    double sum = 0;
    for (std::size_t i = j; i < weights.size(); i += columns) sum += static_cast<double>(weights[i]);
    for (std::size_t i = j; i < weights.size(); i += columns) weights[i] = static_cast<float>(static_cast<double>(weights[i]) / sum);
  }
  return weights;
}

/// rows (out_height, height) times the map times columns (out_width, width) transposed.
HeatMap product(const HeatMap& map, const std::vector<float>& rows, const std::vector<float>& columns, int height, int width) {
  HeatMap wide{map.height, width, std::vector<float>(static_cast<std::size_t>(map.height) * static_cast<std::size_t>(width))};
  for (int y = 0; y < map.height; ++y)
    for (int x = 0; x < width; ++x)
      for (int j = 0; j < map.width; ++j)
        wide.at(y, x) += columns[static_cast<std::size_t>(x) * static_cast<std::size_t>(map.width) + static_cast<std::size_t>(j)] * map.at(y, j);
  HeatMap out{height, width, std::vector<float>(static_cast<std::size_t>(height) * static_cast<std::size_t>(width))};
  for (int y = 0; y < height; ++y)
    for (int j = 0; j < map.height; ++j) {
      const float weight = rows[static_cast<std::size_t>(y) * static_cast<std::size_t>(map.height) + static_cast<std::size_t>(j)];
      if (weight != 0)
        for (int x = 0; x < width; ++x) out.at(y, x) += weight * wide.at(j, x);
    }
  return out;
}

}  // namespace

HeatMap mirrored(const HeatMap& map) {
  HeatMap out = map;
  for (int y = 0; y < map.height; ++y)
    for (int x = 0; x < map.width; ++x) out.at(y, x) = map.at(y, map.width - 1 - x);
  return out;
}

HeatMap resized(const HeatMap& map, int height, int width) {
  if (map.height == height && map.width == width) return map;
  return product(map, line_weights(map.height, height), line_weights(map.width, width), height, width);
}

HeatMap shared_out(const HeatMap& map, int height, int width) {
  if (map.height == height && map.width == width) return map;
  return product(map, sharing_weights(map.height, height), sharing_weights(map.width, width), height, width);
}

void add(HeatMap& map, const HeatMap& more, float factor) {
  for (std::size_t i = 0; i < map.values.size(); ++i) map.values[i] += factor * more.values[i];
}

}  // namespace graft::explain

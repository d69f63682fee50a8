// A network that looks at one corner alone, and photos for it: its maps are known beforehand.
#pragma once

#include <vector>

#include "explain/small_network.h"
#include "graft/base/rng.h"

namespace graft::explain {

inline std::vector<uint8_t> noise(std::size_t bytes, uint64_t photo) {
  std::vector<uint8_t> row(bytes);
  Rng rng(7, photo);
  for (uint8_t& value : row) value = static_cast<uint8_t>(rng.below(256));
  return row;
}

/// Two classes by whether one corner, of 8 x 8 pixels, is brighter or darker than the mean.
inline graph::Graph corner_network(float weight) {
  graph::Graph graph{.name = "corner"};
  graph::Builder b(graph);
  b.stage("stem");
  const graph::Value x = b.conv("mean", b.input({3, kHeight, kWidth}), {.out = 1, .kernel = 8, .stride = 8, .bias = true, .padding = 0});
  b.stage("head");
  b.linear("fc", graph::apply(graph::Flatten{}, {x}), {.out = 2});
  std::vector<float> weights(2 * 24);
  weights[0] = weight;
  weights[24] = -weight;
  graph.find("mean.weight")->tensor = graph::Tensor::copy_of(std::vector<float>(3 * 64, 1.0F / (3 * 64)));
  graph.find("mean.bias")->tensor = graph::Tensor::copy_of(std::vector<float>{0});
  graph.find("fc.weight")->tensor = graph::Tensor::copy_of(weights);
  graph.find("fc.bias")->tensor = graph::Tensor::copy_of(std::vector<float>{0, 0});
  return graph;
}

/// Noise with a corner that is dark or bright by turns.
inline std::vector<uint8_t> corner_photos(std::size_t n) {
  std::vector<uint8_t> rows;
  for (std::size_t i = 0; i < n; ++i) {
    std::vector<uint8_t> row = noise(kHeight * kWidth * 3, i);
    for (std::size_t y = 0; y < 8; ++y)
      for (std::size_t c = 0; c < 8 * 3; ++c) row[y * kWidth * 3 + c] = static_cast<uint8_t>(i % 2 == 0 ? 250 : 5);
    rows.insert(rows.end(), row.begin(), row.end());
  }
  return rows;
}

}  // namespace graft::explain

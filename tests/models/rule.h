// Weights and pictures by rule, so that parity with the reference needs no shipped weights. The twin of tools/make_model_goldens.py.
#pragma once

#include <zlib.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <regex>
#include <string>
#include <vector>

#include "graft/base/size.h"
#include "graft/graph/graph.h"

namespace graft::rule {

inline std::vector<float> values(const std::string& name, const graph::Dims& shape) {
  const uint64_t key = uint64_t{crc32(0, reinterpret_cast<const Bytef*>(name.data()), static_cast<uInt>(name.size()))} << 32;
  const bool norm_weight = shape.size() == 1 && name.ends_with("weight"), variance = name.ends_with("running_var");
  const bool gate = name.ends_with("fc2.bias") && !name.ends_with("mlp.fc2.bias");
  const bool scale = name.ends_with("layer_scale") || name.ends_with(".gamma");
  const bool token = name.ends_with("class_token") || name.ends_with("cls_token") || name.ends_with("pos_embed") || name.ends_with("pos_embedding");
  static const std::regex kDeepLite(
      R"(blocks\.([12]\.3|[34]\.[45]|5\.[567])\.bn3\.weight)");  // of the blocks that only EfficientNet-Lite3 and 4 have
  const bool quarter =
      (name.starts_with("layer") && name.find(".bn3.") != std::string::npos) || name.ends_with(".f.c.1.weight") || std::regex_match(name, kDeepLite);
  const double last = quarter ? 0.25 : name.ends_with(".block.3.1.weight") ? 0.5 : 1.0;  // of a residual block, so that many of them stay finite
  const double fan_in = shape.size() > 1 ? static_cast<double>(graph::element_count(shape) / shape[0]) : 1.0;
  std::vector<float> v(static_cast<std::size_t>(graph::element_count(shape)));
  for (std::size_t i = 0; i < v.size(); ++i) {
    uint64_t x = (key | i) + 0x9E3779B97F4A7C15;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
    x ^= x >> 31;
    const double u = static_cast<double>(x >> 11) * 0x1p-53 * 2 - 1;
    v[i] = static_cast<float>(scale              ? 0.5 + 0.1 * u
                              : token            ? 0.5 * u
                              : shape.size() > 1 ? u * std::sqrt(6.0 / fan_in)
                              : variance         ? 1 + 0.5 * u
                              : norm_weight      ? last * (1 + 0.2 * u)
                                                 : (gate ? 2.0 : 0.0) + 0.1 * u);
  }
  return v;
}

inline void fill(graph::Graph& graph) {
  for (graph::Parameter& p : graph.parameters) {
    const auto owned = std::make_shared<const std::vector<float>>(values(p.name, p.shape));
    p.tensor = {owned, *owned};
  }
}

/// (height, width, 3) 8-bit pixels.
inline std::vector<uint8_t> picture(Size size) {
  std::vector<uint8_t> pixels;
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x)
      for (int c = 0; c < 3; ++c) pixels.push_back(static_cast<uint8_t>((x * 3 + y * 5 + c * 40) ^ ((x * y) >> 4)));
  return pixels;
}

}  // namespace graft::rule

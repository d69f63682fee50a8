// Small networks to be explained, and pictures for them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "graft/artifact/model.h"
#include "graft/base/files.h"
#include "graft/graph/builder.h"
#include "graft/graph/walks.h"
#include "models/rule.h"

namespace graft::explain {

inline constexpr int kHeight = 48, kWidth = 32;
inline constexpr int64_t kClasses = 3;

/// Maps of 24x16, 12x8 and 6x4, averaged before a linear layer.
inline graph::Graph small_network() {
  graph::Graph graph{.name = "small"};
  graph::Builder b(graph);
  b.stage("stem");
  graph::Value x = relu6(b.conv("conv1", b.input({3, kHeight, kWidth}), {.out = 8, .kernel = 3, .stride = 2, .bias = true}));
  b.stage("layer1");
  x = relu6(b.conv("conv2", x, {.out = 12, .kernel = 3, .stride = 2, .bias = true}));
  b.stage("layer2");
  x = relu6(b.conv("conv3", x, {.out = 16, .kernel = 3, .stride = 2, .bias = true}));
  b.stage("head");
  x = graph::apply(graph::Dropout{.probability = 0.2}, {graph::apply(graph::GlobalAveragePool{}, {x})});
  b.linear("fc", x, {.out = kClasses});
  rule::fill(graph);
  return graph;
}

inline graph::Graph with_head(const graph::HeadInput& input, const std::vector<int64_t>& hidden = {}) {
  graph::Graph graph = graph::replace_head(small_network(), kClasses, input, hidden);
  rule::fill(graph);
  return graph;
}

inline artifact::ModelCard card_of(const graph::Graph& graph) {
  artifact::ModelCard card;
  for (int64_t i = 0; i < graph.output_dims()[0]; ++i) card.labels.push_back("class " + std::to_string(i));
  card.preprocess.crop = {static_cast<int>(graph.input_dims()[1]), static_cast<int>(graph.input_dims()[2])};
  card.preprocess.resize = card.preprocess.crop.shorter();
  card.provenance = nlohmann::ordered_json::object();
  return card;
}

inline std::filesystem::path written(const std::filesystem::path& folder, const graph::Graph& graph) {
  write_file(folder / "model.onnx", artifact::to_onnx(graph, card_of(graph)));
  return folder / "model.onnx";
}

inline void set(graph::Graph& graph, const std::string& name, const std::vector<float>& values) {
  graph.find(name)->tensor = graph::Tensor::copy_of(values);
}

/// Class 0 is decided by how bright 8 x 8 pixels in the last row and third column are, class 1 by how dark; class 2 by nothing.
inline graph::Graph of_one_patch() {
  graph::Graph graph{.name = "patch"};
  graph::Builder b(graph);
  b.stage("stem");
  graph::Value x = b.conv("mean", b.input({3, kHeight, kWidth}), {.out = 1, .kernel = 8, .stride = 8, .bias = true, .padding = 0});
  b.stage("head");
  b.linear("fc", graph::apply(graph::Flatten{}, {x}), {.out = kClasses});
  set(graph, "mean.weight", std::vector<float>(192, 1 / 192.F));
  set(graph, "mean.bias", {0});
  std::vector<float> weight(3 * 24);
  weight[22] = 1, weight[24 + 22] = -1;
  set(graph, "fc.weight", weight);
  set(graph, "fc.bias", {0, 0, 0});
  return graph;
}

/// (n, height, width, 3), each another one.
inline std::vector<uint8_t> made_rows(std::size_t n, Size size = {kHeight, kWidth}) {
  std::vector<uint8_t> rows;
  const std::vector<uint8_t> picture = rule::picture(size);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t p = 0; p < picture.size(); ++p) rows.push_back(static_cast<uint8_t>(picture[p] * (i + 1) + p / 7 * i));
  return rows;
}

/// Of all classes.
inline std::vector<std::size_t> every_class(std::span<const float> logits) {
  std::vector<std::size_t> labels(logits.size());
  for (std::size_t k = 0; k < labels.size(); ++k) labels[k] = k;
  return labels;
}

}  // namespace graft::explain

// The networks of tools/make_onnx_fixtures.py and what ONNX Runtime answers.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "graft/base/json.h"
#include "graft/engine/engine.h"
#include "graft/onnx/read_graph.h"
#include "graft/onnx/write.h"
#include "models/rule.h"

namespace graft::onnx {

struct Fixture {
  explicit Fixture(const std::string& name)
      : path(std::string(GRAFT_TESTS) + "/onnx/fixtures/" + name), model(read_model(path + ".onnx")), input(image_input(model)) {
    const nlohmann::ordered_json golden = read_json(path + ".json");
    size = golden.at("size");
    answer = golden.at("answer").get<std::vector<float>>();
  }
  Reading reading() const { return read_graph(model, input, size); }

  std::string path;
  ModelProto model;
  ImageInput input;
  int size;
  std::vector<float> answer;  // the first 8
};

/// The graph's answer to the picture by rule, by the engine.
inline std::vector<float> answer_of(const graph::Graph& graph, int size) {
  engine::Engine engine(write(graph), graph.name, {.resize = size, .crop = size}, {});
  std::vector<float> out(engine.width());
  engine.run(rule::picture(size), 1, out);
  return out;
}

inline void expect_close(const std::vector<float>& got, const std::vector<float>& expected) {
  ASSERT_GE(got.size(), expected.size());
  float largest = 0;
  for (const float v : expected) largest = std::max(largest, std::abs(v));
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(got[i], expected[i], 1e-4F * largest) << i;
}

}  // namespace graft::onnx

// Networks in ONNX Runtime's QOperator form.
#include "graft/onnx/quantised.h"

#include <gtest/gtest.h>

#include "error_text.h"
#include "folder.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/engine/onnx_network.h"
#include "graft/graph/walks.h"
#include "onnx/fixtures.h"
#include "onnx/made_model.h"

namespace graft::onnx {
namespace {

/// x -> bytes -> a convolution of 16 kernels with a scale for each, or one for all -> the average -> 16 features -> a dense layer "logits" of 4.
MadeModel quantised(bool by_channel, int64_t channels_last = 0) {
  MadeModel model;
  std::vector<int8_t> kernel(16 * 3 * 4), dense(4 * 16);
  for (std::size_t i = 0; i < kernel.size(); ++i) kernel[i] = static_cast<int8_t>((i * 37 + 11) % 251 - 125);
  for (std::size_t i = 0; i < dense.size(); ++i) dense[i] = static_cast<int8_t>((i * 53 + 7) % 251 - 125);
  std::vector<float> scales(by_channel ? 16 : 1);
  for (std::size_t i = 0; i < scales.size(); ++i) scales[i] = 0.004F + 0.001F * static_cast<float>(i);
  std::vector<int32_t> bias(16);
  for (std::size_t i = 0; i < bias.size(); ++i) bias[i] = 300 * static_cast<int32_t>(i) - 2000;
  const std::vector<int64_t> each = by_channel ? std::vector<int64_t>{16} : std::vector<int64_t>{};
  model.input("x", {-1, 3, 32, 32}).floats("xs", {}, {0.02F}).wholes<uint8_t>("xz", {}, tensor::kUint8, {110});
  model.wholes("w", {16, 3, 2, 2}, tensor::kInt8, kernel)
      .floats("ws", each, scales)
      .wholes("wz", each, tensor::kInt8, std::vector<int8_t>(scales.size()));
  model.wholes("b", {16}, tensor::kInt32, bias).floats("ms", {}, {0.03F}).wholes<uint8_t>("mz", {}, tensor::kUint8, {120});
  model.floats("as", {}, {0.01F})
      .wholes<uint8_t>("az", {}, tensor::kUint8, {100})
      .floats("ls", {}, {0.05F})
      .wholes<uint8_t>("lz", {}, tensor::kUint8, {128});
  model.wholes("d", {4, 16}, tensor::kInt8, dense).floats("ds", {}, {0.01F}).wholes<int8_t>("dz", {}, tensor::kInt8, {0});
  model.wholes<int32_t>("db", {4}, tensor::kInt32, {100, -200, 300, -400});
  model.node("QuantizeLinear", {"x", "xs", "xz"}, {"q"});
  model.node("QLinearConv", {"q", "xs", "xz", "w", "ws", "wz", "ms", "mz", "b"}, {"map"}, {{"strides", std::vector<int64_t>{2, 2}}});
  model.node("com.microsoft:QLinearGlobalAveragePool", {"map", "ms", "mz", "as", "az"}, {"mean"}, {{"channels_last", channels_last}});
  model.node("Flatten", {"mean"}, {"features"});
  model.node("com.microsoft:QGemm", {"features", "as", "az", "d", "ds", "dz", "db", "ls", "lz"}, {"bytes"},
             {{"transB", int64_t{1}}, {"alpha", 0.5F}});
  return model.node("DequantizeLinear", {"bytes", "ls", "lz"}, {"logits"}).output("logits");
}

class Quantised : public testing::Test {
 protected:
  engine::OnnxNetwork open(const MadeModel& model, int64_t opset = 13) const {
    write_file(folder / "m.onnx", model.bytes(opset));
    return engine::read_onnx(folder / "m.onnx", {}, "");
  }
  TestFolder folder;
};

std::vector<float> answer(const graph::Graph& graph) {
  engine::Engine engine(write(graph), "m", {.resize = 32, .crop = 32, .mean = {0, 0, 0}, .std = {1, 1, 1}}, {});
  std::vector<float> out(engine.width());
  engine.run(rule::picture(32), 1, out);
  return out;
}

/// By ONNX Runtime 1.32, of rule::picture(32) / 255.
TEST_F(Quantised, AnswersAsOnnxRuntime) {
  const std::vector<float> one{0.6F, -0.05F, -0.55F, 0.35F}, each{1.45F, 0.25F, -1.45F, 0.0F};
  for (const bool by_channel : {false, true}) {
    const std::vector<float> got = answer(engine::up_to_output(open(quantised(by_channel)), usual_scales().front()));
    const std::vector<float>& expected = by_channel ? each : one;
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], 0.0501) << i;  // a step of its int8
  }
}

/// Before the last layer, not behind it.
TEST_F(Quantised, IsCutBeforeItsLastLayer) {
  const engine::OnnxNetwork network = open(quantised(false));
  EXPECT_EQ(network.features, "features/float");
  EXPECT_EQ(graph::feature_count(engine::graph_of(network, usual_scales().front())), 16);
}

/// What cannot be written otherwise is named.
TEST_F(Quantised, WhatStaysIsNamed) {
  const std::string text = test::message_of([&] { engine::graph_of(open(quantised(false, 1)), usual_scales().front()); });
  EXPECT_NE(text.find("OpenVINO does not support its operators com.microsoft.QLinearGlobalAveragePool"), text.npos) << text;
}

}  // namespace
}  // namespace graft::onnx

#include <gtest/gtest.h>

#include "error_text.h"
#include "graft/base/error.h"
#include "graft/engine/tensors.h"
#include "graft/graph/walks.h"
#include "onnx/fixtures.h"

namespace graft::onnx {
namespace {

class Opaque : public testing::TestWithParam<const char*> {};

/// Everything is used frozen here, also what could be a Graph.
TEST_P(Opaque, GivesTheValuesOfOnnxRuntime) {
  const Fixture fixture(GetParam());
  const graph::Graph network = engine::opaque(fixture.model, fixture.input, find_tensor(fixture.model, ""), fixture.size);
  EXPECT_EQ(network.stages, (std::vector<std::string>{"encoder", "head"}));
  expect_close(answer_of(graph::features(network), fixture.size), fixture.answer);
}

INSTANTIATE_TEST_SUITE_P(Foreign, Opaque,
                         testing::Values("torchscript_resnet", "torchscript_equal_weights", "dynamo_mobilenet", "torchscript_opset11",
                                         "torchscript_encoder", "timm_vit", "torchscript_vit", "dilated", "external", "tf_mobilenet", "tf_resnet",
                                         "paddle", "channels_last"),
                         [](const auto& test) { return std::string(test.param); });

graph::Graph up_to(const Fixture& fixture, const std::string& tensor) {
  return engine::opaque(fixture.model, fixture.input, find_tensor(fixture.model, tensor), fixture.size);
}

TEST(Foreign, AHeadStandsBehindItAndViewsBefore) {
  const Fixture fixture("channels_last");
  graph::Graph network = graph::replace_head(up_to(fixture, "encoded"), 3, {.mirror = true});
  EXPECT_EQ(network.nodes[2].dims, (graph::Dims{12, 8, 8}));  // the file has (N, 8, 8, 12)
  rule::fill(network);
  const std::vector<float> once = answer_of(network, fixture.size);
  ASSERT_EQ(once.size(), 3U);
  EXPECT_EQ(answer_of(network, fixture.size), once);
  EXPECT_NE(once[0], once[1]);
}

/// Opset 18 and later write averages of tokens and halves of a batch otherwise than graft's own 17.
TEST(Foreign, GraftsOperatorsAroundItAreOfItsOpset) {
  const Fixture fixture("timm_vit");
  ASSERT_GE(fixture.model.opsets.at(""), 18);
  const auto list = engine::tensors(fixture.model, fixture.input, find_tensor(fixture.model, ""), fixture.size);
  const auto tokens = std::ranges::find(list, (graph::Dims{17, 16}), &engine::NamedTensor::dims);
  ASSERT_NE(tokens, list.end());
  graph::Graph network = graph::replace_head(up_to(fixture, tokens->name), 3, {.mirror = true});
  rule::fill(network);
  EXPECT_EQ(answer_of(network, fixture.size).size(), 3U);
}

TEST(Foreign, TensorsThatAHeadCanLookAtAreListed) {
  const Fixture fixture("channels_last");
  std::string text;
  for (const auto& t : engine::tensors(fixture.model, fixture.input, "answer", 32)) text += t.name + " " + graph::to_string(t.dims) + "\n";
  EXPECT_EQ(text, "patches 12x8x8\nlast 8x8x12\nscaled 8x8x12\nencoded 8x8x12\nmean 12\nanswer 10\n");
}

TEST(Foreign, ABatchHeldByTheNodesIsAnError) {
  const Fixture fixture("fixed_batch");
  const std::string error = test::message_of([&] { up_to(fixture, ""); });
  EXPECT_NE(error.find("export the model with a dynamic batch size"), std::string::npos) << error;
  EXPECT_TRUE(error.starts_with(fixture.model.path + ": its nodes have a fixed batch size: ")) << error;
}

TEST(Foreign, AnotherSizeThanTheNodesTakeIsAnError) {
  const Fixture fixture("torchscript_vit");
  const std::string error = test::message_of([&] { engine::opaque(fixture.model, fixture.input, find_tensor(fixture.model, ""), 48); });
  EXPECT_TRUE(error.starts_with(fixture.model.path + ": does not take pictures of 48x48: ")) << error;
  EXPECT_TRUE(error.ends_with("; omit --size, the file says 32")) << error;
}

}  // namespace
}  // namespace graft::onnx

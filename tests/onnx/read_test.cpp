#include <gtest/gtest.h>

#include <numeric>

#include "folder.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/graph/walks.h"
#include "graft/models/registry.h"
#include "graft/models/vision_transformer.h"
#include "graft/onnx/write.h"
#include "models/rule.h"
#include "onnx/fixtures.h"

namespace graft::onnx {
namespace {

using Names = std::vector<std::string>;

const Names kThreeStages{"stem", "stage1", "stage2", "stage3", "head"};

std::vector<std::pair<std::string, graph::Dims>> shapes_of(const graph::Graph& graph) {
  std::vector<std::pair<std::string, graph::Dims>> shapes;
  for (const graph::Parameter& p : graph.parameters) shapes.emplace_back(p.name, p.shape);
  std::ranges::sort(shapes);
  return shapes;
}

Names parameter_names(const graph::Graph& graph) {
  Names names;
  for (const graph::Parameter& p : graph.parameters) names.push_back(p.name);
  return names;
}

class BecomesAGraph : public testing::TestWithParam<const char*> {};

TEST_P(BecomesAGraph, WithTheValuesOfOnnxRuntime) {
  const Fixture fixture(GetParam());
  const Reading reading = fixture.reading();
  ASSERT_TRUE(reading.graph) << reading.reason;
  EXPECT_EQ(reading.graph->stages.back(), "head");
  expect_close(answer_of(*reading.graph, fixture.size), fixture.answer);
}

INSTANTIATE_TEST_SUITE_P(Read, BecomesAGraph,
                         testing::Values("torchscript_resnet", "torchscript_equal_weights", "dynamo_resnet", "torchscript_mobilenet",
                                         "dynamo_mobilenet", "torchscript_opset11", "dynamo_silu", "timm_resnet", "external", "tf_mobilenet",
                                         "tf_resnet", "paddle"),
                         [](const auto& test) { return std::string(test.param); });

TEST(Read, StagesBeginWhereThePictureHalves) {
  const graph::Graph graph = *Fixture("dynamo_resnet").reading().graph;
  EXPECT_EQ(graph.stages, (Names{"stem", "stage1", "stage2", "stage3", "head"}));
  Names of_stage2, of_head;
  for (const graph::Parameter& p : graph.parameters) {
    if (p.stage == graph.stage("stage2")) of_stage2.push_back(p.name.substr(0, p.name.find('.')));
    if (p.stage == graph.stage("head")) of_head.push_back(p.name);
  }
  ASSERT_FALSE(of_stage2.empty());
  EXPECT_TRUE(std::ranges::all_of(of_stage2, [](const std::string& name) { return name == "layer2"; })) << of_stage2.front();
  EXPECT_EQ(of_head, (Names{"fc.weight", "fc.bias"}));
  for (const char* stage : {"stage1", "stage2", "stage3", "head"}) EXPECT_NO_THROW(graph::split(graph, stage)) << stage;
  EXPECT_EQ(graph::features(graph).output_dims(), graph::Dims{16});
  EXPECT_EQ(graph::replace_head(graph, 3).find("fc.weight")->shape, (graph::Dims{3, 16}));
}

TEST(Read, ParametersHaveTheNamesOfTheirModules) {
  const Names torchscript = parameter_names(*Fixture("torchscript_resnet").reading().graph);
  ASSERT_EQ(torchscript.size(), 20U);  // batch norms are folded by that exporter: 9 convolutions with a bias, and the last layer
  for (const std::string name : {"conv1.weight", "layer2.downsample.0.weight", "layer3.conv2.bias", "fc.weight"})
    EXPECT_NE(std::ranges::find(torchscript, name), torchscript.end()) << name;
}

TEST(Read, AnEncoderGetsAHeadWithoutValues) {
  for (const char* name : {"torchscript_encoder", "dynamo_encoder"}) {
    const Fixture fixture(name);
    const Reading reading = fixture.reading();
    ASSERT_TRUE(reading.graph) << reading.reason;
    EXPECT_TRUE(reading.graph->find("head.weight")->tensor.empty());
    expect_close(answer_of(graph::features(*reading.graph), fixture.size), fixture.answer);
  }
}

TEST(Read, AnotherSizeThanTheFilesIsAnotherGraph) {
  const Fixture fixture("dynamo_resnet");
  EXPECT_EQ(read_graph(fixture.model, fixture.input, 96).graph->nodes[1].dims, (graph::Dims{8, 48, 48}));
  EXPECT_EQ(fixture.input.size, 64);
}

TEST(Read, ATensorInTheMiddleEndsTheNetwork) {
  const Fixture fixture("paddle");
  const Reading reading = read_graph(fixture.model, fixture.input, fixture.size, "relu_1.tmp_0");
  ASSERT_TRUE(reading.graph);
  EXPECT_EQ(graph::features(*reading.graph).output_dims(), graph::Dims{12});
  EXPECT_EQ(default_tensor(fixture.model), "flatten_0.tmp_0");
  try {
    find_tensor(fixture.model, "relu_1.tmp_1");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.what(), "--tensor relu_1.tmp_1: no such tensor in " + fixture.model.path + "; did you mean relu_1.tmp_0?");
  }
}

TEST(Read, WhatCannotBeSaidIsNamed) {
  EXPECT_EQ(Fixture("dilated").reading().reason, "node /layer3/conv1/Conv: dilated");
  EXPECT_EQ(Fixture("torchscript_vit").reading().graph, std::nullopt);
  EXPECT_EQ(Fixture("channels_last").reading().reason, "node of 'scaled': a product with a constant");
}

/// A foreign file's are of other nodes.
TEST(Read, ATransformerThatGraftWroteHasAStageForEachLayer) {
  const TestFolder folder;
  const auto reading = [&](const graph::Graph& graph, Size size) {
    write_file(folder / "model.onnx", write(graph), Sync::later);
    const ModelProto model = read_model(folder / "model.onnx");
    return read_graph(model, image_input(model), size);
  };
  graph::Graph network = models::build_transformer({.name = "deit_tiny", .patch = 16, .width = 64}, models::kTimmNames, 5, 32);
  rule::fill(network);
  const Reading whole = reading(network, 32);
  ASSERT_TRUE(whole.graph) << whole.reason;
  std::vector<std::string> stages{"stem"};
  for (int i = 1; i <= 12; ++i) stages.push_back("stage" + std::to_string(i));
  stages.emplace_back("head");
  EXPECT_EQ(whole.graph->stages, stages);
  EXPECT_EQ(whole.graph->output_dims(), (graph::Dims{5}));
  for (const char* name : {"stage1 blocks.0.norm1.weight", "stage12 blocks.11.mlp.fc2.bias", "stage12 norm.bias", "head head.weight"}) {
    const std::string_view both = name;
    const graph::Parameter* p = whole.graph->find(both.substr(both.find(' ') + 1));
    ASSERT_NE(p, nullptr) << name;
    EXPECT_EQ(stages[static_cast<std::size_t>(p->stage)], both.substr(0, both.find(' '))) << name;
  }
  graph::Graph encoder = graph::features(network);
  const Reading without_head = reading(encoder, 32);
  ASSERT_TRUE(without_head.graph) << without_head.reason;
  EXPECT_EQ(without_head.graph->stages, stages) << "a head is added";
  EXPECT_EQ(graph::feature_count(*without_head.graph), 64);
  EXPECT_FALSE(reading(network, 48).graph) << "its positions are those of pictures of 32 pixels";
}

class RoundTrip : public testing::TestWithParam<const char*> {};

TEST_P(RoundTrip, NamesShapesAndCostAreTheSame) {
  const models::Backbone& row = models::find(GetParam());
  const int size = std::string(GetParam()) == "inception_v3" ? 299 : 224;
  graph::Graph graph = row.build(10, size);
  if (row.name == "vgg11") graph = graph::until(graph, "block5");  // without its 100 M parameters of linear layers
  for (graph::Parameter& p : graph.parameters) {
    std::vector<float> values(static_cast<std::size_t>(graph::element_count(p.shape)));
    std::iota(values.begin(), values.end(), static_cast<float>(p.name.size()));
    p.tensor = graph::Tensor::copy_of(values);
  }
  const TestFolder folder;
  write_file(folder / "model.onnx", write(graph));
  const ModelProto model = read_model(folder / "model.onnx");
  const Reading reading = read_graph(model, image_input(model), size);
  ASSERT_TRUE(reading.graph) << reading.reason;
  EXPECT_EQ(shapes_of(*reading.graph), shapes_of(graph));
  EXPECT_EQ(graph::multiply_adds(*reading.graph), graph::multiply_adds(graph));
  EXPECT_EQ(graph::features(*reading.graph).output_dims(), graph::features(graph).output_dims());
  const graph::Parameter& last = graph.parameters.back();
  EXPECT_TRUE(std::ranges::equal(reading.graph->find(last.name)->tensor.values, last.tensor.values));
}

INSTANTIATE_TEST_SUITE_P(Read, RoundTrip,
                         testing::Values("resnet18", "mobilenet_v2", "mobilenet_v3_small", "efficientnet_b0", "efficientnet_lite0", "densenet121",
                                         "googlenet", "inception_v3", "squeezenet1_1", "vgg11", "regnet_y_400mf"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace graft::onnx

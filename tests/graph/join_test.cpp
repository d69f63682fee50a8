#include "graft/graph/join.h"

#include <gtest/gtest.h>

#include "error_text.h"
#include "graft/graph/builder.h"
#include "graft/graph/walks.h"

namespace graft::graph {
namespace {

/// input 3xHxW -> conv (stem) -> conv (body) -> conv (top) -> pool, fc (head)
Graph network(int64_t channels, int64_t classes, Dims picture = {3, 8, 8}) {
  Graph graph{.name = "small"};
  Builder b(graph);
  b.stage("stem");
  Value x = relu(b.conv("conv1", b.input(std::move(picture)), {.out = 4, .kernel = 3, .stride = 2}));
  b.stage("body");
  x = relu(b.conv("conv2", x, {.out = 2, .kernel = 1}));
  b.stage("top");
  x = relu(b.batch_norm("bn", b.conv("conv3", x, {.out = channels, .kernel = 3})));
  b.stage("head");
  b.linear("fc", apply(GlobalAveragePool{}, {x}), {.out = classes});
  return graph;
}

Graph two(const std::array<float, 3>& scale = {2, 3, 4}) {
  return join(
      std::vector<JoinedPart>{{.name = "one", .graph = network(5, 7)}, {.name = "two", .graph = network(6, 9), .scale = scale, .shift = {-1, 0, 1}}});
}

TEST(Join, TheFeaturesStandOneBehindTheOtherBeforeANewHead) {
  const Graph joined = two();
  EXPECT_EQ(joined.name, "one+two");
  EXPECT_EQ(joined.stages, (std::vector<std::string>{"networks", "head"}));
  EXPECT_EQ(joined.input_dims(), (Dims{3, 8, 8}));
  EXPECT_EQ(feature_count(joined), 11);
  EXPECT_EQ(features(joined).output_dims(), Dims{11});
  EXPECT_EQ(joined.output_dims(), Dims{7});
  EXPECT_EQ(multiply_adds(features(joined)), multiply_adds(features(network(5, 7))) + multiply_adds(features(network(6, 7))) + 9 * 64);
  EXPECT_EQ(features(joined).nodes.size(), features(network(5, 7)).nodes.size() + features(network(6, 7)).nodes.size() + 1)
      << "a scale and the concatenation more, an input less, and no averages of stages";
  const Node& concat = joined.nodes[features(joined).output()];
  ASSERT_TRUE(std::holds_alternative<Concat>(concat.op));
  EXPECT_EQ(joined.nodes[static_cast<std::size_t>(concat.inputs[0])].dims, Dims{5}) << "the first network's come first";
}

TEST(Join, ParametersHaveTheNameOfTheirNetworkBeforeTheirs) {
  std::vector<std::string> names;
  for (const Parameter& p : two().parameters) names.push_back(p.name);
  EXPECT_EQ(names, (std::vector<std::string>{"one.conv1.weight", "one.conv2.weight", "one.conv3.weight", "one.bn.weight", "one.bn.bias",
                                             "one.bn.running_mean", "one.bn.running_var", "two.rescale.weight", "two.rescale.bias",
                                             "two.conv1.weight", "two.conv2.weight", "two.conv3.weight", "two.bn.weight", "two.bn.bias",
                                             "two.bn.running_mean", "two.bn.running_var", "head.weight", "head.bias"}));
}

TEST(Join, WithEveryStageTheAveragesOfEachNetworksOwnStandBehindTheLastFeatures) {
  const Graph joined = two(), every = features(joined, true);
  EXPECT_EQ(every.output_dims(), Dims{11 + 2 + 2});
  const Node& both = every.nodes[every.output()];
  ASSERT_TRUE(std::holds_alternative<Concat>(both.op));
  EXPECT_EQ(every.nodes[static_cast<std::size_t>(both.inputs[0])].dims, Dims{11});
  const Node& stages = every.nodes[static_cast<std::size_t>(both.inputs[1])];
  for (const int average : stages.inputs) {
    const Node& node = every.nodes[static_cast<std::size_t>(average)];
    EXPECT_TRUE(std::holds_alternative<GlobalAveragePool>(node.op));
    EXPECT_EQ(node.dims, Dims{2}) << "of the body, and neither of the stem nor of the top";
  }
  EXPECT_EQ(replace_head(joined, 3, {.every_stage = true}).find("head.weight")->shape, (Dims{3, 15}));
}

TEST(Join, EveryNodeReadsWhatItsOwnNetworkMadeBeforeIt) {
  const Graph joined = two();
  for (std::size_t i = 0; i < joined.nodes.size(); ++i) {
    for (const int from : joined.nodes[i].inputs) EXPECT_LT(from, static_cast<int>(i));
    for (const int p : joined.nodes[i].parameters) EXPECT_EQ(joined.parameters[static_cast<std::size_t>(p)].stage, joined.nodes[i].stage);
    std::vector<Dims> inputs;
    for (const int from : joined.nodes[i].inputs) inputs.push_back(joined.nodes[static_cast<std::size_t>(from)].dims);
    if (i > 0) {
      EXPECT_EQ(joined.nodes[i].dims, infer(joined.nodes[i].op, inputs)) << i;
    }
  }
}

TEST(Join, APartThatLooksAtOtherNumbersHasThemFromConstants) {
  const Graph joined = two();
  const Parameter &weight = *joined.find("two.rescale.weight"), &bias = *joined.find("two.rescale.bias");
  EXPECT_TRUE(weight.buffer && bias.buffer) << "they never train";
  EXPECT_EQ(std::vector<float>(weight.tensor.values.begin(), weight.tensor.values.end()), (std::vector<float>{2, 0, 0, 0, 3, 0, 0, 0, 4}));
  EXPECT_EQ(std::vector<float>(bias.tensor.values.begin(), bias.tensor.values.end()), (std::vector<float>{-1, 0, 1}));
  const Graph alike = join(std::vector<JoinedPart>{{.name = "one", .graph = network(5, 7)}, {.name = "two", .graph = network(6, 9)}});
  EXPECT_EQ(alike.find("two.rescale.weight"), nullptr) << "nothing is to be changed";
}

TEST(Join, ItCanBeMadeGreyAndMirroredAndGivenAHead) {
  const Graph grey = graph::grey(two(), {1, 1, 1});
  const Parameter& weight = *grey.find("two.rescale.weight");
  EXPECT_EQ(std::vector<float>(weight.tensor.values.begin(), weight.tensor.values.end()), (std::vector<float>{2, 3, 4}));
  const Graph headed = replace_head(two(), 4, {.mirror = true});
  EXPECT_EQ(headed.output_dims(), Dims{4});
  EXPECT_EQ(headed.find("head.weight")->shape, (Dims{4, 11}));
}

TEST(Join, PicturesOfDifferentShapesAreRefused) {
  EXPECT_EQ(test::error_of([] {
              join(std::vector<JoinedPart>{{.name = "one", .graph = network(5, 7)}, {.name = "two", .graph = network(5, 7, {3, 9, 8})}});
            }),
            "usage: two: takes pictures of 3x9x8, one of 3x8x8; build them for the same size");
}

}  // namespace
}  // namespace graft::graph

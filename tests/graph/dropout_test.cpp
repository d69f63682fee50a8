// Dropout before the last layer and stochastic depth: where they are put, and at which rates.
#include <gtest/gtest.h>

#include "error_text.h"
#include "graft/graph/builder.h"
#include "graft/graph/walks.h"

namespace graft::graph {
namespace {

/// Three residual blocks in two stages, the branch first, last, and of a shortcut with a layer of its own.
Graph blocks(bool with_adds = true) {
  Graph graph{.name = "blocks"};
  Builder b(graph);
  const auto conv = [&](const char* name, Value x) { return relu(b.conv(name, x, {.out = 4, .kernel = 3})); };
  b.stage("stem");
  Value x = conv("stem", b.input({3, 8, 8}));
  b.stage("body");
  if (with_adds) {
    x = conv("a", x) + x;
    x = relu(x + conv("b", x));
  }
  b.stage("last");
  if (with_adds) x = b.conv("short", x, {.out = 4, .kernel = 1}) + conv("d", conv("c", x));
  x = apply(GlobalAveragePool{}, {x});
  b.stage("head");
  b.linear("fc", x, {.out = 5});
  return graph;
}

/// Of every Dropout: its rate, what it reads, and its stage.
struct Seen {
  double probability;
  bool whole;
  std::string of, stage;
  bool operator==(const Seen&) const = default;
};
std::vector<Seen> dropouts(const Graph& graph) {
  std::vector<Seen> list;
  for (const Node& node : graph.nodes)
    if (const auto* d = std::get_if<Dropout>(&node.op)) {
      const Node* from = &graph.nodes[static_cast<std::size_t>(node.inputs[0])];
      while (from->parameters.empty() && !from->inputs.empty()) from = &graph.nodes[static_cast<std::size_t>(from->inputs[0])];
      const std::string name = graph.parameters[static_cast<std::size_t>(from->parameters[0])].name;
      list.push_back({d->probability, d->whole, name.substr(0, name.find('.')), graph.stages[static_cast<std::size_t>(node.stage)]});
    }
  return list;
}

TEST(StochasticDepth, GrowsLinearlyOverTheBranches) {
  const Graph graph = with_stochastic_depth(blocks(), 0.2);
  EXPECT_EQ(dropouts(graph), (std::vector<Seen>{{0, true, "a", "body"}, {0.1, true, "b", "body"}, {0.2, true, "d", "last"}}));
  for (std::size_t i = 0; i < graph.nodes.size(); ++i)
    for (const int from : graph.nodes[i].inputs) EXPECT_LT(from, static_cast<int>(i));
  const Graph plain = blocks();
  EXPECT_EQ(graph.parameters.size(), plain.parameters.size());
  EXPECT_EQ(graph.output_dims(), plain.output_dims());
  EXPECT_EQ(with_stochastic_depth(plain, std::nullopt).nodes.size(), plain.nodes.size());
}

TEST(StochasticDepth, WithoutResidualBlocksIsAnError) {
  EXPECT_EQ(
      test::error_of([] { with_stochastic_depth(blocks(false), 0.1); }),
      "usage: --stochastic-depth 0.1: blocks has no residual blocks that could be skipped; choose --dropout, or a network with residual blocks");
}

TEST(Dropout, StandsBeforeTheLastLayerAndBelongsToIt) {
  const Graph graph = with_dropout(blocks(), 0.3);
  EXPECT_EQ(dropouts(graph), (std::vector<Seen>{{0.3, false, "short", "head"}}));
  EXPECT_TRUE(std::holds_alternative<Dropout>(graph.nodes[graph.nodes.size() - 2].op));
  EXPECT_EQ(split(graph, "head").second.nodes.size(), 3U) << "input, dropout, layer";
}

TEST(Dropout, OfTheNetworkIsOverridden) {
  Graph graph = blocks();
  Node layer = graph.nodes.back();
  graph.nodes.pop_back();
  apply(Dropout{0.5}, {apply(Activation{Function::relu}, {output_of(graph)})});
  graph.nodes[graph.nodes.size() - 2].stage = graph.nodes.back().stage = 2;
  layer.inputs = {static_cast<int>(graph.nodes.size()) - 1};
  graph.nodes.push_back(layer);
  EXPECT_EQ(dropouts(with_dropout(graph, std::nullopt)), (std::vector<Seen>{{0.5, false, "short", "last"}}));
  EXPECT_EQ(dropouts(with_dropout(graph, 0)), (std::vector<Seen>{{0, false, "short", "head"}}));
}

/// VGG's and AlexNet's classifiers have one before their own last layer and others below.
TEST(Dropout, AllOfTheClassifiersAreOverridden) {
  Graph graph{.name = "vgg"};
  Builder b(graph);
  b.stage("classifier");
  Value x = apply(Flatten{}, {b.input({3, 2, 2})});
  x = apply(Dropout{0.5}, {relu(b.linear("0", x, {.out = 4}))});
  x = apply(Dropout{0.5}, {relu(b.linear("3", x, {.out = 4}))});
  b.stage("head");
  b.linear("6", x, {.out = 2});
  EXPECT_EQ(dropouts(with_dropout(graph, 0)), (std::vector<Seen>{{0, false, "0", "classifier"}, {0, false, "3", "head"}}));
  EXPECT_EQ(dropouts(with_dropout(graph, 0.2)), (std::vector<Seen>{{0.2, false, "0", "classifier"}, {0.2, false, "3", "head"}}));
}

TEST(Dropout, LeavesStochasticDepthAlone) {
  const Graph graph = with_dropout(with_stochastic_depth(blocks(), 0.2), 0.3);
  EXPECT_EQ(dropouts(graph),
            (std::vector<Seen>{{0, true, "a", "body"}, {0.1, true, "b", "body"}, {0.2, true, "d", "last"}, {0.3, false, "short", "head"}}));
}

}  // namespace
}  // namespace graft::graph

// What a network gives, by name, through the passes that change it.
#include <gtest/gtest.h>

#include "error_text.h"
#include "graft/graph/builder.h"
#include "graft/graph/walks.h"

namespace graft::graph {
namespace {

/// input -> conv (stem) -> residual block (body) -> pool, fc and another layer beside it (head)
Graph two_heads() {
  Graph graph{.name = "two"};
  Builder b(graph);
  b.stage("stem");
  const Value x = b.conv("conv", b.input({3, 8, 8}), {.out = 4, .kernel = 3, .stride = 2});
  b.stage("body");
  const Value y = x + relu(b.conv("block.conv", relu(x), {.out = 4, .kernel = 3}));
  b.stage("head");
  const Value features = apply(GlobalAveragePool{}, {y}), logits = b.linear("fc", features, {.out = 5}),
              beside = b.linear("beside", features, {.out = 2});
  graph.outputs = {{kLogits, logits.node}, {"beside", beside.node}};
  return graph;
}

Graph one_head() {
  Graph graph = two_heads();
  graph.nodes.pop_back();
  graph.parameters.resize(graph.parameters.size() - 2);
  graph.outputs.clear();
  return graph;
}

/// The state-dict name of the layer that gives an output.
std::string layer_of(const Graph& graph, std::string_view output) {
  return graph.parameters[static_cast<std::size_t>(graph.nodes[graph.output(output)].parameters[0])].name;
}

void expect_both(const Graph& graph) {
  EXPECT_EQ(layer_of(graph, kLogits), "fc.weight");
  EXPECT_EQ(layer_of(graph, "beside"), "beside.weight");
  EXPECT_EQ(graph.output_dims(), Dims{5}) << "the first one";
}

TEST(Outputs, WithoutNamesTheLastNodeIsTheLogits) {
  Graph graph = one_head();
  EXPECT_EQ(graph.output(), graph.nodes.size() - 1);
  EXPECT_EQ(graph.output(kLogits), graph.nodes.size() - 1);
  graph.name_output("map", 2);
  ASSERT_EQ(graph.outputs.size(), 2U);
  EXPECT_EQ(graph.output(kLogits), graph.nodes.size() - 1) << "it stays so beside another";
  EXPECT_EQ(graph.output("map"), 2U);
  graph.name_output("map", 3);
  EXPECT_EQ(graph.output("map"), 3U);
}

TEST(Outputs, AnUnknownNameIsAnError) {
  EXPECT_EQ(test::error_of([] { two_heads().output("besides"); }),
            "usage: two: no output 'besides', expected one of 'logits', 'beside'; did you mean beside?");
}

TEST(Outputs, StayWhatTheyAreWhenNodesComeBetween) {
  expect_both(two_heads());
  expect_both(with_stochastic_depth(two_heads(), 0.2));
  expect_both(with_dropout(two_heads(), 0.2));
  const Graph mirrored = with_mirrored_answer(two_heads());
  EXPECT_EQ(mirrored.output_dims(), Dims{5});
  for (const char* name : {"logits", "beside"}) EXPECT_TRUE(std::holds_alternative<MeanOfViews>(mirrored.nodes[mirrored.output(name)].op)) << name;
}

TEST(Outputs, OfPartsAreWhatCrossesAndWhatTheWholeGave) {
  const auto [before, from] = split(two_heads(), "head");
  EXPECT_EQ(before.output_dims(), (Dims{4, 4, 4}));
  EXPECT_EQ(before.outputs.front().name, kActivations);
  expect_both(from);
  Graph watched = two_heads();
  watched.name_output("map", 1);
  EXPECT_EQ(test::error_of([&] { split(watched, "head"); }), "usage: two: its output 'map' comes before the cut; cut at another stage");
}

TEST(Outputs, OfFeaturesAndOfANewHead) {
  EXPECT_EQ(features(one_head()).outputs.front().name, kFeatures);
  EXPECT_EQ(features(one_head()).output_dims(), Dims{4});
  const Graph replaced = replace_head(two_heads(), 7);
  ASSERT_EQ(replaced.outputs.size(), 1U) << "the old heads are gone";
  EXPECT_EQ(replaced.outputs.front().name, kLogits);
  EXPECT_EQ(replaced.output_dims(), Dims{7});
}

}  // namespace
}  // namespace graft::graph

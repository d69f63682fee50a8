#include "graft/graph/walks.h"

#include <gtest/gtest.h>

#include "error_text.h"
#include "graft/graph/bottleneck.h"
#include "graft/graph/builder.h"
#include "graft/graph/one_view.h"

namespace graft::graph {
namespace {

/// input 3x8x8 -> a (stem) -> b + a (body) -> pool, fc (head)
Graph small() {
  Graph graph{.name = "small"};
  Builder b(graph);
  b.stage("stem");
  Value x = relu(b.in("stem").conv("conv", b.input({3, 8, 8}), {.out = 4, .kernel = 3, .stride = 2}));
  b.stage("body");
  x = relu(x + b.in("body").in("0").batch_norm("bn", b.in("body").in("0").conv("conv", x, {.out = 4, .kernel = 3})));
  b.stage("head");
  b.linear("fc", apply(GlobalAveragePool{}, {x}), {.out = 5});
  return graph;
}

std::vector<std::string> names(const Graph& graph) {
  std::vector<std::string> result;
  for (const Parameter& p : graph.parameters) result.push_back(p.name);
  return result;
}

TEST(Infer, WindowsAsPyTorchCountsThem) {
  const std::vector<Dims> in{{3, 13, 13}};
  EXPECT_EQ(infer(Conv2d{.out = 8, .kernel = 3, .stride = 2}, in), (Dims{8, 7, 7}));
  EXPECT_EQ(infer(Conv2d{.out = 8, .kernel = 3, .stride = 2, .padding = 0}, in), (Dims{8, 6, 6}));
  EXPECT_EQ(infer(Conv2d{.out = 8, .kernel = 5, .stride = 2, .same = true}, in), (Dims{8, 7, 7}));
  EXPECT_EQ(infer(MaxPool{.kernel = 3, .stride = 2}, {{3, 12, 12}}), (Dims{3, 5, 5}));
  EXPECT_EQ(infer(MaxPool{.kernel = 3, .stride = 2, .ceil = true}, {{3, 12, 12}}), (Dims{3, 6, 6}));
  EXPECT_EQ(infer(MaxPool{.kernel = 2, .stride = 2, .padding = 1, .ceil = true}, {{1, 3, 3}}),
            (Dims{1, 2, 2}));  // a third window would start in the padding
  EXPECT_EQ(infer(Concat{}, {{3, 4, 4}, {5, 4, 4}}), (Dims{8, 4, 4}));
  EXPECT_EQ(infer(ConvTranspose2d{.out = 8, .kernel = 3, .stride = 2, .padding = 1, .output_padding = 1}, in), (Dims{8, 26, 26}));
  EXPECT_EQ(infer(ConvTranspose2d{.out = 8, .kernel = 4, .stride = 2}, in), (Dims{8, 28, 28}));
  EXPECT_EQ(infer(ReflectionPad{.size = 3}, in), (Dims{3, 19, 19}));
}

TEST(Infer, TooSmallAnInputIsAnError) {
  EXPECT_EQ(test::error_of([] {
              infer(MaxPool{.kernel = 3, .stride = 2}, {{3, 2, 2}});
            }),
            "usage: input size: 2 pixels arrive at a window of 3, which is too few; choose a larger --size");
  EXPECT_EQ(test::error_of([] {
              infer(ReflectionPad{.size = 2}, {{3, 4, 2}});
            }),
            "usage: input size: 2 pixels cannot be mirrored 2 wide; choose a larger --size");
  EXPECT_EQ(test::error_of([] {
              infer(ConvTranspose2d{.out = 1, .kernel = 2, .padding = 1}, {{3, 4, 1}});
            }),
            "usage: input size: 1 pixels leave nothing of a transposed convolution; choose a larger --size");
  EXPECT_EQ(test::error_of([] { infer(Add{}, {{3, 2, 2}, {3, 1, 1}}); }), "usage: add: 3x2x2 and 3x1x1 have different shapes");
}

TEST(Grey, SumsTheFirstConvolution) {
  Graph graph = small();
  std::vector<float> weight(4 * 27);
  for (std::size_t i = 0; i < weight.size(); ++i) weight[i] = static_cast<float>(i);
  graph.find("stem.conv.weight")->tensor = Tensor::copy_of(weight);
  const Graph grey = graph::grey(graph, {1, 10, 100});
  EXPECT_EQ(grey.input_dims(), (Dims{1, 8, 8}));
  const Parameter& summed = *grey.find("stem.conv.weight");
  EXPECT_EQ(summed.shape, (Dims{4, 1, 3, 3}));
  EXPECT_EQ(summed.tensor.values[0], 0 + 9 * 10 + 18 * 100);
  EXPECT_EQ(summed.tensor.values[35], 89 + 98 * 10 + 107 * 100);

  Graph other{.name = "other"};
  Builder b(other);
  b.stage("stem");
  relu(b.input({3, 8, 8}));
  EXPECT_EQ(test::error_of([&] {
              graph::grey(other, {1, 1, 1});
            }),
            "usage: other: its first layer is not a convolution whose weights could be summed to grayscale; omit --gray: grayscale photos are then "
            "read as color");
}

TEST(Until, PutsAnEmptyHeadInPlaceOfWhatFollows) {
  const Graph graph = small(), cut = until(graph, "stem");
  EXPECT_EQ(names(cut), (std::vector<std::string>{"stem.conv.weight", "head.weight", "head.bias"}));
  EXPECT_EQ(cut.stages, (std::vector<std::string>{"stem", "head"}));
  EXPECT_EQ(features(cut).output_dims(), (Dims{4}));
  EXPECT_EQ(feature_count(cut), 4);
  EXPECT_EQ(cut.output_dims(), graph.output_dims());
  EXPECT_EQ(test::error_of([&] { until(graph, "head"); }),
            "usage: small: 'head' is its last stage; name an earlier one, or the network without a stage");
}

TEST(Builder, NamesAreStateDictPaths) {
  const Graph graph = small();
  EXPECT_EQ(names(graph), (std::vector<std::string>{"stem.conv.weight", "body.0.conv.weight", "body.0.bn.weight", "body.0.bn.bias",
                                                    "body.0.bn.running_mean", "body.0.bn.running_var", "fc.weight", "fc.bias"}));
  EXPECT_TRUE(graph.find("body.0.bn.running_var")->buffer);
  EXPECT_FALSE(graph.find("body.0.bn.bias")->buffer);
  EXPECT_EQ(graph.find("nothing"), nullptr);
  EXPECT_EQ(parameter_count(graph), 4 * 3 * 9 + 4 * 4 * 9 + 8 + 20 + 5);
  EXPECT_EQ(multiply_adds(graph), 4 * 3 * 9 * 16 + 4 * 4 * 9 * 16 + 20);
}

TEST(Split, TheTwoPartsJoinAtTheCut) {
  Graph graph = small();
  graph.find("body.0.conv.weight")->tensor = Tensor::copy_of(std::vector<float>(144, 1.5F));
  const auto [before, from] = split(graph, "body");
  EXPECT_EQ(names(before), std::vector<std::string>{"stem.conv.weight"});
  EXPECT_EQ(before.output_dims(), from.input_dims());
  EXPECT_EQ(from.input_dims(), (Dims{4, 4, 4}));
  EXPECT_EQ(from.output_dims(), Dims{5});
  EXPECT_EQ(before.nodes.size() + from.nodes.size(), graph.nodes.size() + 1);
  EXPECT_EQ(from.find("body.0.conv.weight")->tensor.values.data(), graph.find("body.0.conv.weight")->tensor.values.data()) << "tensors are shared";
}

TEST(Split, ErrorsNameTheStages) {
  const Graph graph = small();
  EXPECT_EQ(test::error_of([&] { split(graph, "bodi"); }),
            "usage: small: no stage 'bodi', expected one of 'stem', 'body', 'head'; did you mean body?");
  EXPECT_EQ(test::error_of([&] { split(graph, "stem"); }), "usage: small: nothing comes before the stage 'stem'; cut at a later stage");
}

TEST(Split, TwoValuesAcrossTheCutAreRefused) {
  Graph graph{.name = "skip"};
  Builder b(graph);
  b.stage("a");
  const Value x = b.input({3, 8, 8}), y = b.conv("conv", x, {.out = 3, .kernel = 3});
  b.stage("b");
  apply(Add{}, {x, y});
  EXPECT_EQ(test::error_of([&] { split(graph, "b"); }), "usage: skip: more than one value crosses the cut; cut at another stage");
}

TEST(ReplaceHead, KeepsTheNameOfALinearHead) {
  const Graph replaced = replace_head(small(), 3);
  EXPECT_EQ(replaced.output_dims(), Dims{3});
  EXPECT_EQ(replaced.find("fc.weight")->shape, (Dims{3, 4}));
  EXPECT_TRUE(replaced.find("fc.weight")->tensor.empty());
  EXPECT_EQ(replaced.parameters[static_cast<std::size_t>(replaced.nodes.back().parameters[0])].stage, replaced.stage("head"));
  EXPECT_EQ(features(small()).output_dims(), Dims{4}) << "the picture is averaged";
}

TEST(WithBottleneck, PutsANarrowStageBeforeTheNewLayer) {
  const Graph narrowed = with_bottleneck(small(), 3, 2);
  EXPECT_EQ(narrowed.output_dims(), Dims{3});
  EXPECT_EQ(narrowed.find("bottleneck.0.weight")->shape, (Dims{2, 4}));
  EXPECT_EQ(narrowed.find("bottleneck.1.running_var")->shape, Dims{2});
  EXPECT_EQ(narrowed.find("fc.weight")->shape, (Dims{3, 2}));
  EXPECT_EQ(narrowed.stages.size(), small().stages.size() + 1);
  EXPECT_EQ(narrowed.stages[static_cast<std::size_t>(first_new_stage(narrowed))], kBottleneck);
  EXPECT_EQ(first_new_stage(small()), static_cast<int>(small().stages.size()) - 1);
  EXPECT_TRUE(std::holds_alternative<Activation>(narrowed.nodes[head_input(narrowed)].op)) << "what the new layer reads";
  EXPECT_EQ(split(narrowed, kBottleneck).first.output_dims(), Dims{4});
}

TEST(ReplaceHead, EveryStageAndTheMirrorImageOnDemand) {
  Graph graph{.name = "three"};
  Builder b(graph);
  b.stage("stem");
  Value x = b.conv("a", b.input({3, 8, 8}), {.out = 4, .kernel = 3});
  b.stage("one");
  x = b.conv("b", x, {.out = 6, .kernel = 3, .stride = 2});
  b.stage("two");
  x = b.conv("c", x, {.out = 10, .kernel = 3});
  b.stage("head");
  b.linear("fc", graph::apply(GlobalAveragePool{}, {x}), {.out = 5});
  EXPECT_EQ(features(graph).output_dims(), Dims{10});
  EXPECT_EQ(feature_count(graph), 10);
  EXPECT_EQ(features(graph, true).output_dims(), Dims{16}) << "the last ones and those of stage one, not of the stem";
  EXPECT_EQ(replace_head(graph, 2, {.every_stage = true}).find("fc.weight")->shape, (Dims{2, 16}));

  const std::vector<int64_t> hidden{7, 3};
  const Graph deep = replace_head(graph, 2, {.mirror = true}, hidden);
  EXPECT_EQ(deep.find("hidden.0.weight")->shape, (Dims{7, 10}));
  EXPECT_EQ(deep.find("hidden.1.weight")->shape, (Dims{3, 7}));
  EXPECT_EQ(deep.find("fc.weight")->shape, (Dims{2, 3}));
  EXPECT_TRUE(std::holds_alternative<MeanOfViews>(deep.nodes.back().op)) << "of the answers: a mean of features would be another one";
  EXPECT_EQ(deep.output_dims(), Dims{2});

  const Graph mirror = replace_head(graph, 2, {.mirror = true});
  EXPECT_TRUE(std::holds_alternative<MirrorViews>(mirror.nodes[1].op));
  EXPECT_EQ(mirror.nodes[2].inputs, std::vector<int>{1}) << "the first convolution sees the views";
  EXPECT_TRUE(std::holds_alternative<MeanOfViews>(mirror.nodes[mirror.nodes.size() - 2].op));
  EXPECT_EQ(mirror.nodes.size(), replace_head(graph, 2).nodes.size() + 2);
}

TEST(OneView, UndoesTheMirror) {
  const auto expect_same = [](const Graph& one, const Graph& plain) {
    ASSERT_EQ(one.nodes.size(), plain.nodes.size());
    for (std::size_t i = 0; i < one.nodes.size(); ++i) {
      EXPECT_EQ(one.nodes[i].op.index(), plain.nodes[i].op.index()) << i;
      EXPECT_EQ(one.nodes[i].inputs, plain.nodes[i].inputs) << i;
    }
    EXPECT_EQ(one.output(), plain.output());
  };
  expect_same(one_view(with_mirrored_answer(small())), small());
  expect_same(one_view(replace_head(small(), 2, {.mirror = true})), replace_head(small(), 2));
  expect_same(one_view(small()), small());
}

}  // namespace
}  // namespace graft::graph

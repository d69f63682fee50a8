// Methods by gradients, as the explainer gives them, through libgraft_train.so.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "error_text.h"
#include "explain/small_network.h"
#include "folder.h"
#include "graft/data/normalise.h"
#include "graft/explain/explainer.h"
#include "graft/explain/gradient_maps.h"
#include "graft/explain/last_maps.h"
#include "graft/train/library.h"

namespace graft::explain {
namespace {

constexpr std::size_t kPhotos = 5;

Explained explained(const graph::Graph& graph, const ExplainOptions& how, std::span<const uint8_t> rows) {
  const TestFolder folder;
  ExplainOptions options = how;
  options.precision = engine::Precision::float32;
  options.batch = 2;
  const std::size_t n = rows.size() / card_of(graph).preprocess.row_bytes();
  return open_explainer(written(folder.path(), graph), options)->explain(rows, n, every_class);
}

double sum(const HeatMap& map) { return std::accumulate(map.values.begin(), map.values.end(), 0.0); }

/// The largest difference of all maps, over the largest value.
double difference(const Explained& a, const Explained& b) {
  double largest = 0, most = 0;
  for (std::size_t i = 0; i < a.maps.size(); ++i)
    for (std::size_t k = 0; k < a.maps[i].size(); ++k) {
      const HeatMap &x = a.maps[i][k].map, &y = b.maps[i][k].map;
      EXPECT_EQ(Size(x.height, x.width), Size(y.height, y.width));
      for (std::size_t p = 0; p < x.values.size(); ++p) {
        largest = std::max(largest, std::abs(double{x.values[p]}));
        most = std::max(most, std::abs(double{x.values[p]} - double{y.values[p]}));
      }
    }
  return most / largest;
}

TEST(GradCam, IsTheClassActivationMapOfAPooledLinearHead) {
  const std::vector<uint8_t> rows = made_rows(kPhotos);
  for (const graph::Graph& graph : {small_network(), with_head({.every_stage = true}), with_head({.every_stage = true, .mirror = true})})
    EXPECT_LE(difference(explained(graph, {.method = Method::cam}, rows), explained(graph, {.method = Method::grad_cam}, rows)), 1e-5);
}

TEST(GradCam, OfAHeadOfSeveralLayersIsOfItsGradients) {
  const std::vector<uint8_t> rows = made_rows(1);
  const graph::Graph graph = with_head({}, {7});
  const HeatMap map = explained(graph, {.method = Method::grad_cam}, rows).maps[0][1].map;
  std::string why_not;
  const LastMaps last = *last_maps(graph, why_not);
  std::vector<float> picture(rows.size());
  data::normalise(card_of(graph).preprocess, rows, picture);
  const auto found = (*train::library().differentiate(last.graph, {last.maps[0].name}, 1))(picture, std::vector<std::size_t>{1});
  const train::ValueGradient& by = found.by.at(last.maps[0].name);
  const std::vector<float> wanted = grad_cam({16, by.values, by.gradients});
  ASSERT_EQ(map.values.size(), wanted.size());
  for (std::size_t p = 0; p < wanted.size(); ++p) EXPECT_NEAR(map.values[p], wanted[p], 1e-6);
  EXPECT_GT(std::abs(sum(map)), 1e-3);
}

/// A transformer of 3x2 patches whose class token alone is read, whose layer norms are sigmoids, which every engine has.
graph::Graph small_transformer() {
  using namespace graph;
  Graph graph{.name = "tokens"};
  Builder b(graph);
  b.stage("stem");
  Value x = b.conv("patches", b.input({3, kHeight, kWidth}), {.out = 8, .kernel = 16, .stride = 16, .bias = true, .padding = 0});
  x = b.with("pos_embedding", b.with("class_token", apply(Tokens{}, {x}), ClassToken{}), PositionEmbedding{});
  for (const char* layer : {"layer0", "layer1"}) {
    b.stage(layer);
    const std::string name = layer;
    Value y = b.linear(name + ".qkv", activate(Function::sigmoid, x), {.out = 24});
    x = x + b.linear(name + ".proj", apply(Attention{2}, {y}), {.out = 8});
    x = x + b.linear(name + ".mlp", activate(Function::gelu, b.linear(name + ".fc", x, {.out = 16})), {.out = 8});
  }
  b.stage("norm");
  x = apply(FirstToken{}, {x});
  b.stage("head");
  b.linear("head", x, {.out = kClasses});
  rule::fill(graph);
  return graph;
}

TEST(GradCam, OfATransformerIsOfItsPlacesWithoutTheClassToken) {
  const graph::Graph graph = small_transformer();
  const std::vector<uint8_t> rows = made_rows(1);
  const HeatMap map = explained(graph, {.method = Method::layer_cam}, rows).maps[0][2].map;
  EXPECT_EQ(Size(map.height, map.width), Size(3, 2));
  graph::Graph named = graph;
  std::size_t attended = 0;
  for (const graph::Node& node : graph.nodes)
    if (!node.parameters.empty() && graph.parameters[static_cast<std::size_t>(node.parameters[0])].name == "layer1.qkv.weight")
      attended = static_cast<std::size_t>(node.inputs[0]);
  named.name_output("tokens", attended);
  std::vector<float> picture(rows.size());
  data::normalise(card_of(graph).preprocess, rows, picture);
  const auto found = (*train::library().differentiate(named, {"tokens"}, 1))(picture, std::vector<std::size_t>{2});
  const train::ValueGradient& by = found.by.at("tokens");
  EXPECT_EQ(by.dims, (graph::Dims{7, 8}));
  const std::vector<float> wanted = layer_cam({8, std::span(by.values).subspan(8), std::span(by.gradients).subspan(8)});
  for (std::size_t p = 0; p < wanted.size(); ++p) EXPECT_NEAR(map.values[p], wanted[p], 1e-6);
  EXPECT_GT(sum(map), 1e-4);
}

TEST(IntegratedGradients, OfALinearNetworkAreItsWeightsTimesThePicture) {
  graph::Graph graph{.name = "linear"};
  graph::Builder b(graph);
  b.stage("head");
  b.linear("fc", graph::apply(graph::Flatten{}, {b.input({3, 4, 6})}), {.out = kClasses});
  rule::fill(graph);
  const std::vector<uint8_t> rows = made_rows(2, {4, 6});
  const Explained found = explained(graph, {.method = Method::integrated_gradients}, rows);
  const std::span<const float> weights = graph.find("fc.weight")->tensor.values;
  const data::Preprocess preprocess = card_of(graph).preprocess;
  for (std::size_t i = 0; i < 2; ++i)
    for (std::size_t k = 0; k < 3; ++k)
      for (std::size_t p = 0; p < 24; ++p) {
        double wanted = 0;
        for (std::size_t c = 0; c < 3; ++c)
          wanted += double{weights[k * 72 + c * 24 + p]} * rows[i * 72 + p * 3 + c] / 255 / double{preprocess.std[c]};
        EXPECT_NEAR(found.maps[i][k].map.values[p], wanted, 1e-4);
      }
  EXPECT_EQ(found.maps[0][0].note, "");
}

/// Completeness: what all pixels give is what the logit has more than that of the picture where the way begins.
TEST(IntegratedGradients, SumToTheDifferenceOfTheLogits) {
  const graph::Graph graph = small_network();
  const std::size_t bytes = card_of(graph).preprocess.row_bytes();
  const std::vector<uint8_t> rows = made_rows(kPhotos), black(bytes);
  const Explained beginning = explained(graph, {.method = Method::cam}, black);
  const Explained from_black = explained(graph, {.method = Method::integrated_gradients}, rows);
  const Explained from_blurred = explained(graph, {.method = Method::integrated_gradients, .baseline = Baseline::blurred}, rows);
  for (std::size_t i = 0; i < kPhotos; ++i)
    for (std::size_t k = 0; k < 3; ++k) {
      const double wanted = double{from_black.logits[i * 3 + k]} - double{beginning.logits[k]};
      EXPECT_NEAR(sum(from_black.maps[i][k].map), wanted, kIntegrationTolerance * std::max(1.0, std::abs(wanted)));
      EXPECT_EQ(from_black.maps[i][k].note, "");
      EXPECT_EQ(from_blurred.maps[i][k].note, "");
      EXPECT_NE(from_blurred.maps[i][k].map.values, from_black.maps[i][k].map.values);
    }
}

/// The answer leaps between two steps, so that its gradient is 0 wherever it is asked.
TEST(IntegratedGradients, ThatDoNotSumSaySo) {
  graph::Graph graph{.name = "leap"};
  graph::Builder b(graph);
  b.stage("stem");
  const graph::Value x = relu6(b.conv("conv", b.input({3, 4, 4}), {.out = 1, .kernel = 1, .bias = true}));
  b.stage("head");
  b.linear("fc", graph::apply(graph::GlobalAveragePool{}, {x}), {.out = 2});
  rule::fill(graph);
  // Of black: (0 - 0.5) / 0.25 = -2 each; of white 2 each. It leaps at a sum of 0.1.
  graph.find("conv.weight")->tensor = graph::Tensor::copy_of(std::vector<float>{1e6F, 1e6F, 1e6F});
  graph.find("conv.bias")->tensor = graph::Tensor::copy_of(std::vector<float>{-1e5F});
  graph.find("fc.weight")->tensor = graph::Tensor::copy_of(std::vector<float>{1, -1});
  graph.find("fc.bias")->tensor = graph::Tensor::copy_of(std::vector<float>{0, 0});
  const std::vector<uint8_t> white(4 * 4 * 3, 255);
  const Explained found = explained(graph, {.method = Method::integrated_gradients}, white);
  EXPECT_EQ(found.maps[0][0].note, "its integrated gradients sum to 0.000 after 256 steps, but the logits differ by 6.000");
}

}  // namespace
}  // namespace graft::explain

// ReciproCAM, attention rollout and occlusion on networks whose maps are known.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "error_text.h"
#include "explain/small_network.h"
#include "folder.h"
#include "graft/explain/attention.h"
#include "graft/explain/explainer.h"
#include "graft/explain/occlusion.h"

namespace graft::explain {
namespace {

std::unique_ptr<Explainer> opened(const TestFolder& folder, const graph::Graph& graph, Method method, int batch = 4) {
  return open_explainer(written(folder.path(), graph), {.method = method, .precision = engine::Precision::float32, .batch = batch});
}

double correlation(const std::vector<float>& a, const std::vector<float>& b) {
  const auto mean = [](const std::vector<float>& x) { return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size()); };
  const double of_a = mean(a), of_b = mean(b);
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - of_a) * (b[i] - of_b);
    aa += (a[i] - of_a) * (a[i] - of_a);
    bb += (b[i] - of_b) * (b[i] - of_b);
  }
  return ab / std::sqrt(aa * bb);
}

TEST(ReciproCam, IsTheCamOfAPooledLinearHead) {
  const TestFolder one, other;
  const auto cam = opened(one, small_network(), Method::cam), recipro = opened(other, small_network(), Method::reciprocam);
  const std::vector<uint8_t> rows = made_rows(6);
  const Explained a = cam->explain(rows, 6, every_class), b = recipro->explain(rows, 6, every_class);
  for (std::size_t i = 0; i < 6; ++i)
    for (std::size_t k = 0; k < kClasses; ++k) {
      EXPECT_GE(correlation(a.maps[i][k].map.values, b.maps[i][k].map.values), 0.999) << i << " " << k;
      for (std::size_t p = 0; p < a.maps[i][k].map.values.size(); ++p)
        EXPECT_NEAR(a.maps[i][k].map.values[p], b.maps[i][k].map.values[p], 1e-4) << i << " " << k << " " << p;
    }
}

TEST(ReciproCam, IsTakenWhereLayersFollowThePooling) {
  const TestFolder folder;
  const auto explainer = opened(folder, with_head({.mirror = true}, {8}), Method::automatic);
  EXPECT_EQ(explainer->method(), Method::reciprocam);
  const Explained explained = explainer->explain(made_rows(5), 5, every_class);
  ASSERT_EQ(explained.maps.size(), 5U);
  EXPECT_EQ(explained.maps[4][2].map.height, 6);
  EXPECT_EQ(explained.maps[4][2].map.width, 4);
}

/// Tokens of 8 x 8 pixels and a class token that, in one block, looks at all of them alike and takes over their values.
graph::Graph one_block() {
  constexpr int64_t kChannels = 3;
  graph::Graph graph{.name = "block"};
  graph::Builder b(graph);
  b.stage("stem");
  graph::Value x = b.conv("patches", b.input({3, kHeight, kWidth}), {.out = kChannels, .kernel = 8, .stride = 8, .bias = true, .padding = 0});
  x = b.with("cls_token", graph::apply(graph::Tokens{}, {x}), graph::ClassToken{});
  x = b.with("pos_embed", x, graph::PositionEmbedding{});
  b.stage("layer0");
  const graph::Value y = graph::apply(graph::Attention{1}, {b.linear("qkv", x, {.out = 3 * kChannels})});
  x = x + b.linear("proj", y, {.out = kChannels});
  b.stage("norm");
  x = graph::apply(graph::FirstToken{}, {x});
  b.stage("head");
  b.linear("head", x, {.out = kClasses});
  rule::fill(graph);
  std::vector<float> qkv(static_cast<std::size_t>(9 * kChannels)), same{1, 0, 0, 0, 1, 0, 0, 0, 1};
  std::ranges::copy(same, qkv.begin() + 18);
  set(graph, "qkv.weight", qkv);
  set(graph, "qkv.bias", std::vector<float>(9));
  set(graph, "proj.weight", same);
  return graph;
}

TEST(ReciproCam, OfTokensIsWhatEachHandsToTheClassToken) {
  const TestFolder folder;
  graph::Graph graph = one_block();
  const auto explainer = opened(folder, graph, Method::automatic);
  EXPECT_EQ(explainer->method(), Method::reciprocam);
  const std::vector<uint8_t> rows = made_rows(2);
  const Explained explained = explainer->explain(rows, 2, every_class);
  // The tokens, from the engine, by a network that ends where they do.
  graph::Graph tokens = graph;
  std::size_t at = 0;
  while (!std::holds_alternative<graph::PositionEmbedding>(tokens.nodes[at].op)) ++at;
  tokens.outputs = {{"tokens", static_cast<int>(at)}};
  engine::Engine engine(artifact::to_onnx(tokens, card_of(graph)), "tokens", card_of(graph).preprocess, {.batch = 1});
  std::vector<float> values(2 * engine.width());
  engine.run(rows, 2, values);
  const auto weight = graph.find("head.weight")->tensor.values;
  for (std::size_t i = 0; i < 2; ++i)
    for (std::size_t k = 0; k < kClasses; ++k) {
      const HeatMap& map = explained.maps[i][k].map;
      ASSERT_EQ(Size(map.height, map.width), Size(6, 4));
      for (std::size_t p = 0; p < 24; ++p) {
        float expected = 0;
        for (std::size_t c = 0; c < 3; ++c) expected += weight[k * 3 + c] * values[i * engine.width() + (1 + p) * 3 + c] / 25;
        EXPECT_NEAR(map.values[p], expected, 1e-5) << i << " " << k << " " << p;
      }
    }
}

TEST(Attention, IsASoftmaxInEachHead) {
  const float one = std::exp(1.F), half = std::exp(0.5F);
  // Two tokens, two heads of one channel: queries, keys, values.
  const std::vector<float> qkv{1, 0.5F, 1, 0, 9, 9, /**/ 0, 0, 0, 1, 9, 9};
  const std::vector<float> found = attention_of(qkv, 2, 2);
  const std::vector<float> expected{(one / (one + 1) + 1 / (1 + half)) / 2, (1 / (one + 1) + half / (1 + half)) / 2, 0.5F, 0.5F};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(found[i], expected[i], 1e-6) << i;
  const std::vector<std::vector<float>> layers{found, {0, 1, 1, 0}};
  // Backwards: half of the first token stays, half goes to what it looks at.
  const std::vector<float> seen = roll_out({1, 0}, layers);
  EXPECT_NEAR(seen[0], 0.25F + found[0] / 4 + 0.125F, 1e-6);
  EXPECT_NEAR(seen[0] + seen[1], 1, 1e-6);
}

TEST(Rollout, OfUniformAttentionIsUniform) {
  const TestFolder folder;
  const auto explainer = opened(folder, one_block(), Method::rollout);
  const Explained explained = explainer->explain(made_rows(5), 5, every_class);
  ASSERT_EQ(explained.maps.size(), 5U);
  for (const std::vector<ClassMap>& maps : explained.maps) {
    EXPECT_EQ(maps[0].map.values, maps[2].map.values) << "the same for all classes";
    ASSERT_EQ(maps[0].map.values.size(), 24U);
    for (const float value : maps[0].map.values) EXPECT_NEAR(value, 0.5 / 25, 1e-6);
  }
}

TEST(Occlusion, FindsThePatchThatDecides) {
  const TestFolder folder;
  const auto explainer = opened(folder, of_one_patch(), Method::occlusion, 7);
  std::vector<uint8_t> rows(std::size_t{2} * kHeight * kWidth * 3, 128);
  std::fill_n(rows.begin(), rows.size() / 2, uint8_t{255});  // the first one is white, the second about grey
  const Explained explained = explainer->explain(rows, 2, every_class);
  const HeatMap map = resized(explained.maps[0][0].map, kHeight, kWidth);
  EXPECT_EQ(explained.maps[0][0].map.height, 24) << "parts of two pixels";
  EXPECT_EQ(explained.maps[0][0].map.width, 16);
  const auto peak = static_cast<int>(std::ranges::max_element(map.values) - map.values.begin());
  EXPECT_TRUE(peak / kWidth >= 40 && peak % kWidth >= 16 && peak % kWidth < 24) << peak / kWidth << " " << peak % kWidth;
  EXPECT_GT(map.values[static_cast<std::size_t>(peak)], 10 * std::abs(explained.maps[1][0].map.values.front()));
  EXPECT_NEAR(map.at(8, 8), 0, 1e-6) << "a place that decides nothing";
  // What decides are the parts 20 to 23 by 8 to 11; a patch of two by two hides each of them four times.
  const auto hidden = [](int y, int x) {  // of a patch that begins there, those that decide
    const auto between = [](int part, int from) { return (part >= from && part < from + 4) + (part + 1 >= from && part + 1 < from + 4); };
    return between(y, 20) * between(x, 8);
  };
  for (int y = 0; y < 24; ++y)
    for (int x = 0; x < 16; ++x) {
      const int all = hidden(y - 1, x - 1) + hidden(y - 1, x) + hidden(y, x - 1) + hidden(y, x);
      EXPECT_NEAR(explained.maps[0][0].map.at(y, x), explained.logits[0] * static_cast<float>(all) / 64, 0.01 * explained.logits[0]) << y << " " << x;
    }
  const HeatMap against = resized(explained.maps[0][1].map, kHeight, kWidth);
  EXPECT_LT(against.at(44, 20), 0) << "what is bright speaks against what is dark";
  for (const float value : explained.maps[0][2].map.values) EXPECT_NEAR(value, 0, 1e-6);
}

TEST(Occlusion, DividesAPictureWithoutARemainder) {
  EXPECT_EQ(occlusion_grid({224, 224}).rows.size(), 15U);
  const OcclusionGrid grid = occlusion_grid({100, 37});
  EXPECT_EQ(grid.columns.front(), 0);
  EXPECT_EQ(grid.columns.back(), 37);
  EXPECT_EQ(grid.rows.back(), 100);
  EXPECT_EQ(occlusion_grid({3, 8}).rows, (std::vector<int>{0, 1, 2, 3})) << "parts are of at least a pixel";
}

TEST(Methods, ThatDoNotSuitAreRefusedWithThoseThatDo) {
  const std::string by_gradients = ", grad-cam, grad-cam++, layer-cam, integrated-gradients";
  const TestFolder folder;
  const std::string model = (folder / "model.onnx").string();
  EXPECT_EQ(test::error_of([&] { opened(folder, with_head({}, {8}), Method::cam); }),
            "usage: --method cam: cannot explain " + model +
                ": between the last feature map and the answer there is a layer that is not linear, or that sees only one of many tokens; these can: "
                "reciprocam, occlusion" +
                by_gradients);
  EXPECT_EQ(
      test::error_of([&] { opened(folder, small_network(), Method::rollout); }),
      "usage: --method rollout: cannot explain " + model + ": it has no attention to roll out; these can: cam, reciprocam, occlusion" + by_gradients);
  EXPECT_EQ(test::error_of([&] { opened(folder, with_head({.every_stage = true}, {8}), Method::reciprocam); }),
            "usage: --method reciprocam: cannot explain " + model +
                ": there is no single last map that all of its answer is computed from; these can: occlusion" + by_gradients);
  EXPECT_EQ(opened(folder, with_head({.every_stage = true}, {8}), Method::automatic)->method(), Method::occlusion);
}

}  // namespace
}  // namespace graft::explain

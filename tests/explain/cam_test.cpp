#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "explain/small_network.h"
#include "folder.h"
#include "graft/artifact/session.h"
#include "graft/explain/explainer.h"
#include "graft/models/registry.h"

namespace graft::explain {
namespace {

constexpr std::size_t kPhotos = 5;

std::vector<float> answers_of(const graph::Graph& graph, std::span<const uint8_t> rows) {
  const artifact::ModelCard card = card_of(graph);
  engine::Engine engine(artifact::to_onnx(graph, card), "m", card.preprocess, {.batch = 2});
  std::vector<float> logits(kPhotos * engine.width());
  engine.run(rows, kPhotos, logits);
  return logits;
}

/// What all places give to a class is its answer but for the bias, and the answer is the model's.
void expect_exact(const graph::Graph& graph, Size map_size) {
  const TestFolder folder;
  const auto explainer = open_explainer(written(folder.path(), graph), {.method = Method::cam, .precision = engine::Precision::float32, .batch = 2});
  EXPECT_EQ(explainer->method(), Method::cam);
  const std::vector<uint8_t> rows = made_rows(kPhotos, explainer->card().preprocess.crop);
  const Explained explained = explainer->explain(rows, kPhotos, every_class);
  const std::vector<float> answers = answers_of(graph, rows);
  const std::size_t classes = explainer->card().labels.size();
  graph::Graph copy = graph;
  const graph::Node* layer = graph::last_linear(copy);
  double difference = 0, largest = 0;
  ASSERT_EQ(explained.logits.size(), answers.size());
  ASSERT_EQ(explained.maps.size(), kPhotos);
  for (std::size_t i = 0; i < kPhotos; ++i) {
    ASSERT_EQ(explained.maps[i].size(), classes);
    for (std::size_t k = 0; k < classes; ++k) {
      const ClassMap& found = explained.maps[i][k];
      EXPECT_EQ(found.label, k);
      EXPECT_EQ(Size(found.map.height, found.map.width), map_size);
      const double bias = layer == nullptr ? 0 : copy.parameters[static_cast<std::size_t>(layer->parameters[1])].tensor.values[k];
      const double sum = std::accumulate(found.map.values.begin(), found.map.values.end(), bias);
      largest = std::max(largest, static_cast<double>(std::abs(answers[i * classes + k])));
      difference = std::max({difference, std::abs(sum - answers[i * classes + k]),
                             static_cast<double>(std::abs(explained.logits[i * classes + k] - answers[i * classes + k]))});
    }
  }
  EXPECT_GT(largest, 0.1) << "answers that could not be told from nothing";
  EXPECT_LE(difference, 1e-5 * largest);
}

TEST(Cam, SumsToTheAnswerOfAPooledLinearHead) { expect_exact(small_network(), {6, 4}); }
TEST(Cam, SumsToTheAnswerOfAHeadOnEveryStage) { expect_exact(with_head({.every_stage = true}), {12, 8}); }
TEST(Cam, SumsToTheAnswerOfAHeadOnTheWholeMap) { expect_exact(with_head({.flatten = true}), {6, 4}); }

TEST(Cam, SumsToTheMeanAnswerOfAPictureAndItsMirrorImage) { expect_exact(with_head({.mirror = true}), {6, 4}); }
TEST(Cam, SumsToTheAnswerOfAMirroredHeadOnTheWholeMap) { expect_exact(with_head({.mirror = true, .flatten = true}), {6, 4}); }

TEST(Cam, OfAMirroredModelTurnsWithThePicture) {
  const TestFolder folder;
  const auto explainer = open_explainer(written(folder.path(), with_head({.mirror = true})), {.precision = engine::Precision::float32});
  const std::vector<uint8_t> rows = made_rows(1);
  std::vector<uint8_t> turned(rows.size());
  for (std::size_t p = 0; p < rows.size(); p += 3)
    for (std::size_t c = 0; c < 3; ++c) turned[(p / 3 / kWidth * kWidth + kWidth - 1 - p / 3 % kWidth) * 3 + c] = rows[p + c];
  const HeatMap map = explainer->explain(rows, 1, every_class).maps[0][0].map;
  const HeatMap other = mirrored(explainer->explain(turned, 1, every_class).maps[0][0].map);
  for (std::size_t i = 0; i < map.values.size(); ++i) EXPECT_NEAR(map.values[i], other.values[i], 1e-6) << i;
}

TEST(Cam, OfANetworkWhoseMapIsTheAnswer) {
  graph::Graph graph = models::find("squeezenet1_1").build(4, 64);
  rule::fill(graph);
  expect_exact(graph, {3, 3});
}

}  // namespace
}  // namespace graft::explain

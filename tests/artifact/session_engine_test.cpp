// A Session on the real engine: batches change no bit of an answer, and features are what the last layer reads.
#include <gtest/gtest.h>

#include <thread>

#include "bmp.h"
#include "error_text.h"
#include "folder.h"
#include "graft/artifact/session.h"
#include "graft/graph/builder.h"
#include "graft/graph/walks.h"
#include "graft/image/decode.h"
#include "graft/onnx/write.h"
#include "models/rule.h"

namespace graft::artifact {
namespace {

constexpr int kSide = 32;

/// Dense, pointwise and depthwise convolutions, a linear layer.
graph::Graph small_network() {
  graph::Graph graph{.name = "small"};
  graph::Builder b(graph);
  b.stage("stem");
  graph::Value x = relu6(b.conv("conv1", b.input({3, kSide, kSide}), {.out = 24, .kernel = 3, .stride = 2, .padding = 1}));
  x = relu6(b.conv("conv2", x, {.out = 24, .kernel = 3, .groups = 24, .padding = 1}));
  x = relu6(b.conv("conv3", x, {.out = 72, .kernel = 1}));
  x = graph::apply(graph::GlobalAveragePool{}, {x});
  b.stage("head");
  b.linear("fc", x, {.out = 7});
  rule::fill(graph);
  return graph;
}

ModelCard card() {
  ModelCard card{.preprocess = {}};
  for (int i = 0; i < 7; ++i) card.labels.push_back(std::to_string(i));
  card.preprocess.resize = kSide, card.preprocess.crop = kSide;
  card.provenance = nlohmann::ordered_json::object();
  return card;
}

std::shared_ptr<const Session> session_of(const graph::Graph& graph, const SessionOptions& options) {
  return start_session("m", to_onnx(graph, card()), card(), options);
}

std::vector<image::Image> photos() {
  std::vector<image::Image> images;
  for (int i = 0; i < 40; ++i) images.push_back(image::decode(as_bytes(made_photo(i % 3, i)), "made"));
  return images;
}

void expect_the_same_from_eight_threads(engine::Precision precision) {
  const auto session =
      session_of(small_network(), {.precision = precision, .threads = 2, .batch = 8, .requests = 2, .wait = std::chrono::microseconds(200)});
  session->warm_up();
  const std::vector<image::Image> images = photos();
  std::vector<std::vector<float>> one_by_one;
  for (const image::Image& image : images) one_by_one.push_back(session->predict(std::span(&image, 1)).logits);
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < 8; ++t)
      threads.emplace_back([&, t] {
        for (std::size_t i = 0; i < images.size(); ++i) {
          const std::size_t first = (i * 7 + t * 5) % images.size(), count = std::min(1 + (i + t) % 3, images.size() - first);
          const std::vector<float> found = session->predict(std::span(images).subspan(first, count)).logits;
          for (std::size_t k = 0; k < count; ++k)
            if (!std::equal(one_by_one[first + k].begin(), one_by_one[first + k].end(), found.begin() + static_cast<std::ptrdiff_t>(7 * k))) ++wrong;
        }
      });
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_NE(one_by_one[0], one_by_one[1]);
}

TEST(SessionOnTheEngine, EightThreadsGetBitForBitTheAnswersOfOneByOne) { expect_the_same_from_eight_threads(engine::Precision::float32); }

TEST(SessionOnTheEngine, InBf16Too) {
  if (engine::has_native_bf16()) expect_the_same_from_eight_threads(engine::Precision::bf16);
  else EXPECT_EQ(session_of(small_network(), {})->precision(), engine::Precision::float32);
}

TEST(SessionOnTheEngine, FeaturesAreWhatTheLastLayerReads) {
  const graph::Graph network = small_network();
  const std::vector<image::Image> images = photos();
  const auto both = session_of(network, {.batch = 4, .features = true}), plain = session_of(network, {.batch = 4});
  const Predictions found = both->predict(images);
  EXPECT_EQ(found.logits, plain->predict(images).logits);
  EXPECT_TRUE(plain->predict(images).features.empty());
  EXPECT_EQ(plain->feature_width(), 0);
  ASSERT_EQ(both->feature_width(), 72);

  ModelCard of_features = card();
  of_features.labels.resize(72);
  const auto features = start_session("f", onnx::write(graph::features(network)), of_features, {.batch = 4});
  EXPECT_EQ(found.features, features->predict(images).logits);
}

TEST(SessionOnTheEngine, FeaturesOfAMirroredNetworkAreTheMeanThatItsHeadSees) {
  graph::Graph network = graph::replace_head(small_network(), 7, {.mirror = true});
  rule::fill(network);
  const std::vector<image::Image> images = photos();
  const Predictions found = session_of(network, {.batch = 4, .features = true})->predict(images),
                    plain = session_of(small_network(), {.batch = 4, .features = true})->predict(images, data::TestViews::mirror);
  ASSERT_EQ(found.features.size(), plain.features.size());
  for (std::size_t i = 0; i < found.features.size(); ++i) ASSERT_NEAR(found.features[i], plain.features[i], 1e-4) << i;
}

TEST(SessionOnTheEngine, FeaturesOfANetworkThatAveragesItsAnswersAreAveragedToo) {
  const std::vector<image::Image> images = photos();
  const Predictions found = session_of(graph::with_mirrored_answer(small_network()), {.batch = 4, .features = true})->predict(images),
                    plain = session_of(small_network(), {.batch = 4, .features = true})->predict(images, data::TestViews::mirror);
  ASSERT_EQ(found.features.size(), plain.features.size());
  for (std::size_t i = 0; i < found.features.size(); ++i) ASSERT_NEAR(found.features[i], plain.features[i], 1e-4) << i;
}

TEST(SessionOnTheEngine, WithoutFeaturesItSaysSo) {
  graph::Graph convolved{.name = "convolved"};
  graph::Builder b(convolved);
  b.stage("stem");
  graph::Value x = b.conv("conv", b.input({3, kSide, kSide}), {.out = 7, .kernel = 3});
  b.stage("head");
  graph::apply(graph::GlobalAveragePool{}, {x});
  rule::fill(convolved);
  EXPECT_EQ(
      test::message_of([&] { session_of(convolved, {.features = true}); }),
      "m: does not end in a linear layer, whose input would be the features of a photo; graft embed --backbone gives features of such a network");
  EXPECT_EQ(session_of(convolved, {})->predict(photos()).logits.size(), 7 * photos().size());
}

}  // namespace
}  // namespace graft::artifact

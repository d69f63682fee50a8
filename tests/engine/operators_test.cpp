#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "graft/engine/engine.h"
#include "graft/graph/builder.h"
#include "graft/graph/walks.h"
#include "graft/onnx/write.h"

namespace graft::engine {
namespace {

using namespace graph;

constexpr data::Preprocess plain(int size) {  // the engine's input are the bytes' values
  return {.resize = size, .crop = size, .mean = {0, 0, 0}, .std = {1.F / 255, 1.F / 255, 1.F / 255}};
}

/// The pixel of row y, column x, channel c: all differ.
float pixel(int size, int y, int x, int c) { return static_cast<float>((y * size + x) * 3 + c); }

struct Weights {
  std::string name;
  std::vector<float> values;
};

/// What the engine gives for a picture whose bytes are 0, 1, 2 ...
std::vector<float> run(int size, const std::function<Value(Builder&, Value)>& layers, const std::vector<Weights>& weights = {}) {
  Graph graph{.name = "test"};
  Builder b(graph);
  b.stage("stem");
  layers(b, b.input({3, size, size}));
  for (const Weights& w : weights) graph.find(w.name)->tensor = Tensor::copy_of(w.values);
  Engine engine(onnx::write(graph), "test", plain(size), {Precision::float32, 1, 2});
  std::vector<uint8_t> rows(static_cast<std::size_t>(2 * size * size * 3));  // a batch of two, the second one black
  for (std::size_t i = 0; i < rows.size() / 2; ++i) rows[i] = static_cast<uint8_t>(i);
  std::vector<float> out(2 * engine.width());
  engine.run(rows, 2, out);
  EXPECT_EQ(static_cast<int64_t>(engine.width()), element_count(graph.output_dims())) << "the shape that graph::infer says";
  out.resize(engine.width());
  return out;
}

void expect_near(const std::vector<float>& ours, const std::vector<float>& wanted, float tolerance = 1e-4F) {
  ASSERT_EQ(ours.size(), wanted.size());
  for (std::size_t i = 0; i < ours.size(); ++i) EXPECT_NEAR(ours[i], wanted[i], tolerance * std::max(1.F, std::abs(wanted[i]))) << i;
}

/// PyTorch's AdaptiveAvgPool2d: place i is the mean over floor(i in / out) to ceil((i + 1) in / out).
std::vector<float> pooled(int size, int out) {
  std::vector<float> means;
  for (int c = 0; c < 3; ++c)
    for (int i = 0; i < out; ++i)
      for (int j = 0; j < out; ++j) {
        double sum = 0;
        int count = 0;
        for (int y = i * size / out; y < ((i + 1) * size + out - 1) / out; ++y)
          for (int x = j * size / out; x < ((j + 1) * size + out - 1) / out; ++x, ++count) sum += pixel(size, y, x, c);
        means.push_back(static_cast<float>(sum / count));
      }
  return means;
}

TEST(Operators, AdaptiveAveragePoolFromMoreAndFromFewerPlaces) {
  for (const auto& [size, out] : {std::pair{5, 3}, {4, 7}, {6, 3}, {7, 7}})
    expect_near(run(size, [to = out](Builder&, Value x) { return apply(Dropout{0.5}, {adaptive_average_pool(x, to)}); }), pooled(size, out));
}

/// Of the three means 4.5, 5.5 and 6.5 of a picture of 2 x 2.
TEST(Operators, BatchNormOfNumbers) {
  const auto layers = [](Builder& b, Value x) { return relu(b.batch_norm("bn", averaged(x), {.eps = 0})); };
  expect_near(run(2, layers, {{"bn.weight", {2, 1, -1}}, {"bn.bias", {0, 1, 0}}, {"bn.running_mean", {4, 10, 6}}, {"bn.running_var", {1, 4, 0.25F}}}),
              {1, 0, 0});
}

TEST(Operators, ChannelSliceAndShuffle) {
  std::vector<float> wanted;
  for (const int c : {1, 0, 2, 2, 1, 0})  // (0 1 2 2 1 0) as (2, 3) becomes (3, 2): 0 2 1 1 2 0; and from its second one on
    for (int i = 0; i < 4; ++i) wanted.push_back(pixel(2, 0, i, c));
  const auto layers = [](Builder&, Value x) {
    const auto channel = [&](int64_t c) { return apply(ChannelSlice{c, 1}, {x}); };
    return apply(ChannelShuffle{2}, {apply(Concat{}, {channel(1), channel(2), channel(1), channel(0), channel(2), channel(0)})});
  };
  expect_near(run(2, layers), wanted);
}

TEST(Operators, LayerNormOverTheChannelsOfPicturesAndOfTokens) {
  const std::vector<Weights> weights{{"ln.weight", {1, 2, 3}}, {"ln.bias", {10, 20, 30}}};
  const float unit = 1 / std::sqrt(2.F / 3.F + 1e-6F);  // channels are m - 1, m, m + 1
  const std::vector<float> channel{10 - unit, 20, 30 + 3 * unit};
  std::vector<float> picture, tokens;
  for (int c = 0; c < 3; ++c) picture.insert(picture.end(), 4, channel[static_cast<std::size_t>(c)]);
  for (int t = 0; t < 4; ++t) tokens.insert(tokens.end(), channel.begin(), channel.end());
  expect_near(run(
                  2, [](Builder& b, Value x) { return b.layer_norm("ln", x); }, weights),
              picture);
  expect_near(run(
                  2, [](Builder& b, Value x) { return b.layer_norm("ln", apply(Tokens{}, {x})); }, weights),
              tokens);
  expect_near(run(
                  2, [](Builder& b, Value x) { return apply(Picture{.height = 2}, {b.layer_norm("ln", apply(Tokens{}, {x}))}); }, weights),
              picture);
}

TEST(Operators, ScaleOfPicturesAndOfTokens) {
  std::vector<float> picture, tokens;
  for (int c = 0; c < 3; ++c)
    for (int i = 0; i < 4; ++i) picture.push_back(pixel(2, 0, i, c) * static_cast<float>(c + 1));
  for (int i = 0; i < 4; ++i)
    for (int c = 0; c < 3; ++c) tokens.push_back(pixel(2, 0, i, c) * static_cast<float>(c + 1));
  expect_near(run(2, [](Builder& b, Value x) { return b.with("gamma", x, Scale{}); }, {{"gamma", {1, 2, 3}}}), picture);
  expect_near(run(2, [](Builder& b, Value x) { return b.with("gamma", apply(Tokens{}, {x}), Scale{}); }, {{"gamma", {1, 2, 3}}}), tokens);
}

TEST(Operators, ClassTokenPositionsAndTheirReadOut) {
  const auto first = [](Builder& b, Value x) {
    x = b.with("class", apply(Tokens{}, {x}), ClassToken{});
    return apply(FirstToken{}, {b.with("positions", x, PositionEmbedding{})});
  };
  const std::vector<Weights> weights{{"class", {1, 2, 3}}, {"positions", std::vector<float>(15, 0.5F)}};
  expect_near(run(2, first, weights), {1.5F, 2.5F, 3.5F});
  const auto mean = [](Builder& b, Value x) { return apply(GlobalAveragePool{}, {b.with("class", apply(Tokens{}, {x}), ClassToken{})}); };
  expect_near(run(2, mean, {{"class", {5, 0, 0}}}), {(5 + 0 + 3 + 6 + 9) / 5.F, (1 + 4 + 7 + 10) / 5.F, (2 + 5 + 8 + 11) / 5.F});
}

TEST(Operators, AttentionInEachHead) {
  // Tokens (T, 3) to 12 channels: queries, keys and values of two heads of two. The weights take small multiples of single channels.
  std::vector<float> matrix(12 * 3);
  for (std::size_t o = 0; o < 12; ++o) matrix[o * 3 + o % 3] = 0.01F * static_cast<float>(o + 1);
  const auto layers = [](Builder& b, Value x) { return apply(Attention{2}, {b.linear("qkv", apply(Tokens{}, {x}), {.out = 12})}); };
  const std::vector<float> ours = run(2, layers, {{"qkv.weight", matrix}, {"qkv.bias", std::vector<float>(12, 0.1F)}});
  const auto projected = [&](int t, int o) { return 0.01 * (o + 1) * pixel(2, 0, t, o % 3) + 0.1; };
  std::vector<float> wanted;
  for (int t = 0; t < 4; ++t)
    for (int o = 0; o < 4; ++o) {
      const int head = o / 2;
      double weights = 0, mixed = 0;
      for (int s = 0; s < 4; ++s) {
        double score = 0;
        for (int d = 0; d < 2; ++d) score += projected(t, head * 2 + d) * projected(s, 4 + head * 2 + d);
        const double weight = std::exp(score / std::sqrt(2.0));
        weights += weight;
        mixed += weight * projected(s, 8 + o);
      }
      wanted.push_back(static_cast<float>(mixed / weights));
    }
  expect_near(ours, wanted);
}

TEST(Operators, Gelu) {
  std::vector<float> wanted;
  for (int c = 0; c < 3; ++c) {
    const float x = 0.25F * pixel(1, 0, 0, c) - 0.5F;
    wanted.push_back(0.5F * x * (1 + std::erf(x / std::sqrt(2.F))));
  }
  const auto layers = [](Builder& b, Value x) {
    return activate(Function::gelu, b.conv("conv", x, {.out = 3, .kernel = 1, .groups = 3, .bias = true}));
  };
  expect_near(run(1, layers, {{"conv.weight", {0.25F, 0.25F, 0.25F}}, {"conv.bias", {-0.5F, -0.5F, -0.5F}}}), wanted);
}

/// A window of 3 at stride 2, beside a padding of 1: each pixel lies under its middle, and between pixels their neighbours add up.
TEST(Operators, TransposedConvolutionOfEachChannel) {
  std::vector<float> weight(3 * 3 * 9);  // (in, out, 3, 3): channel c to itself, times 1 in the middle row and column, 2 in the corners
  for (std::size_t c = 0; c < 3; ++c)
    for (std::size_t i = 0; i < 9; ++i) weight[(c * 3 + c) * 9 + i] = i % 2 == 0 && i != 4 ? 2.F : 1.F;
  std::vector<float> wanted;
  for (int c = 0; c < 3; ++c)
    for (int y = 0; y < 4; ++y)
      for (int x = 0; x < 4; ++x) {
        float sum = 0.5F;
        for (int i = y / 2; i <= (y + 1) / 2 && i < 2; ++i)
          for (int j = x / 2; j <= (x + 1) / 2 && j < 2; ++j) sum += (y % 2 == 1 && x % 2 == 1 ? 2.F : 1.F) * pixel(2, i, j, c);
        wanted.push_back(sum);
      }
  const auto layers = [](Builder& b, Value x) {
    return b.conv_transpose("up", x, {.out = 3, .kernel = 3, .stride = 2, .padding = 1, .output_padding = 1, .bias = true});
  };
  expect_near(run(2, layers, {{"up.weight", weight}, {"up.bias", {0.5F, 0.5F, 0.5F}}}), wanted);
}

TEST(Operators, InstanceNormOverThePlacesOfEachChannel) {
  const float unit = 1 / std::sqrt(11.25F + 1e-5F);  // pixels of a channel are m - 4.5, m - 1.5, m + 1.5, m + 4.5
  std::vector<float> wanted;
  for (int c = 0; c < 3; ++c)
    for (const float from_mean : {-4.5F, -1.5F, 1.5F, 4.5F}) wanted.push_back(std::tanh(from_mean * unit / 5));
  const auto layers = [](Builder& b, Value x) { return activate(Function::tanh, b.with("fifth", instance_norm(x), Scale{})); };
  expect_near(run(2, layers, {{"fifth", {0.2F, 0.2F, 0.2F}}}), wanted);
}

TEST(Operators, ReflectionPadDoesNotRepeatTheBorder) {
  std::vector<float> wanted;
  for (int c = 0; c < 3; ++c)
    for (const int y : {2, 1, 0, 1, 2, 1, 0})
      for (const int x : {2, 1, 0, 1, 2, 1, 0}) wanted.push_back(pixel(3, y, x, c));
  expect_near(run(3, [](Builder&, Value x) { return reflection_pad(x, 2); }), wanted);
}

TEST(Operators, LeakyRelu) {
  const auto layers = [](Builder& b, Value x) { return activate(Function::leaky_relu, b.with("signs", x, Scale{})); };
  expect_near(run(1, layers, {{"signs", {1, -1, -2}}}), {0, -0.2F, -0.8F});
}

TEST(Operators, AGreyNetworkGivesWhatTheColourOneGivesForGrey) {
  Graph colour{.name = "test"};
  Builder b(colour);
  b.stage("stem");
  b.conv("conv", b.input({3, 4, 4}), {.out = 2, .kernel = 3, .stride = 2});
  std::vector<float> weight(2 * 27);
  for (std::size_t i = 0; i < weight.size(); ++i) weight[i] = std::sin(static_cast<float>(i));
  colour.find("conv.weight")->tensor = Tensor::copy_of(weight);
  data::Preprocess grey = plain(4);
  grey.grey = true;
  std::vector<uint8_t> one(16), three;
  for (std::size_t i = 0; i < one.size(); ++i) three.insert(three.end(), 3, one[i] = static_cast<uint8_t>(i * 13));
  std::vector<float> wanted(8), ours(8);
  Engine(onnx::write(colour), "colour", plain(4), {Precision::float32, 1, 1}).run(three, 1, wanted);
  Engine(onnx::write(graph::grey(colour, {1, 1, 1})), "grey", grey, {Precision::float32, 1, 1}).run(one, 1, ours);
  expect_near(ours, wanted);
}

}  // namespace
}  // namespace graft::engine

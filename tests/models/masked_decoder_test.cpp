#include "graft/models/masked_decoder.h"

#include <gtest/gtest.h>

#include <cmath>

#include "error_text.h"
#include "graft/graph/patches.h"
#include "graft/graph/walks.h"
#include "graft/models/registry.h"

namespace graft::models {
namespace {

using graph::Dims;

graph::Graph encoder(const char* name, Size size) { return graph::features(find(name).build(1000, size)); }

TEST(Patches, AreThoseOfAVisionTransformer) {
  const graph::Patches patches = graph::patches_of(encoder("vit_b_16", {96, 64}));
  EXPECT_EQ(patches.side, 16);
  EXPECT_EQ(patches.rows, 6);
  EXPECT_EQ(patches.columns, 4);
  EXPECT_EQ(patches.before, 1);
  const graph::Graph whole = encoder("vit_b_16", {96, 64});
  EXPECT_TRUE(std::holds_alternative<graph::PositionEmbedding>(whole.nodes[patches.embedded].op));
  EXPECT_EQ(whole.nodes[patches.last].dims, (Dims{25, 768}));
  const graph::Graph layers = graph::with_tokens(graph::split_behind(whole, patches.embedded).second, 7);
  EXPECT_EQ(layers.input_dims(), (Dims{7, 768}));
  EXPECT_EQ(layers.nodes[patches.last - patches.embedded].dims, (Dims{7, 768}));
  EXPECT_EQ(layers.output_dims(), (Dims{768}));
}

TEST(Patches, AConvolutionalNetworkHasNone) {
  EXPECT_EQ(test::error_of([] { graph::patches_of(encoder("resnet18", 64)); }),
            "usage: resnet18: is no vision transformer: its picture is not cut into patches");
  EXPECT_EQ(test::error_of([] { graph::patches_of(encoder("convnext_tiny", 64)); }),
            "usage: convnext_tiny: is no vision transformer: its picture is not cut into patches");
}

/// The numbers of weights of the authors' decoder for ViT-B/16, of 512 channels: 8 layers, decoder_embed, mask_token, decoder_norm and decoder_pred;
/// 26.0 M with the positions of 197 tokens, which do not train.
TEST(MaskedDecoder, HasTheAuthorsNamesShapesAndNumberOfWeights) {
  const graph::Graph decoder = masked_decoder(encoder("vit_b_16", 224), 8, 512);
  constexpr int64_t kLayer = 4 * 512 + 3 * 512 * 512 + 3 * 512 + 512 * 512 + 512 + 8 * 512 * 512 + 4 * 512 + 512;
  constexpr int64_t kAll = 8 * kLayer + (768 * 512 + 512) + 512 + 2 * 512 + (512 * 768 + 768);
  EXPECT_EQ(graph::parameter_count(decoder) - 197 * 512, kAll);
  EXPECT_EQ(decoder.input_dims(), (Dims{197, 769}));
  EXPECT_EQ(decoder.output_dims(), (Dims{197, 768}));
  for (const char* name : {"decoder_embed.weight", "decoder_blocks.7.attn.qkv.weight", "decoder_norm.weight", "decoder_pred.bias"})
    EXPECT_NE(decoder.find(name), nullptr) << name;
}

TEST(MaskedDecoder, PositionsAreWavesOfColumnAndRow) {
  const graph::Graph decoder = masked_decoder(encoder("vit_b_32", {64, 96}), 1, 32);
  const graph::Tensor& waves = decoder.find("decoder_pos_embed")->tensor;
  ASSERT_EQ(waves.values.size(), 7U * 32);
  const auto at = [&](std::size_t token, std::size_t channel) { return waves.values[token * 32 + channel]; };
  for (std::size_t channel = 0; channel < 32; ++channel) EXPECT_EQ(at(0, channel), 0) << "the class token";
  const std::size_t last = 6;  // row 1, column 2
  EXPECT_NEAR(at(last, 0), std::sin(2.0), 1e-6);
  EXPECT_NEAR(at(last, 1), std::sin(2 / std::pow(10'000, 1 / 8.0)), 1e-6);
  EXPECT_NEAR(at(last, 8), std::cos(2.0), 1e-6);
  EXPECT_NEAR(at(last, 16), std::sin(1.0), 1e-6);
  EXPECT_NEAR(at(last, 31), std::cos(1 / std::pow(10'000, 7 / 8.0)), 1e-6);
  for (const graph::Parameter& p : decoder.parameters) EXPECT_EQ(p.tensor.empty(), p.name != "decoder_pos_embed") << p.name;
}

TEST(MaskedDecoder, WhatCannotBeIsSaid) {
  EXPECT_EQ(test::error_of([] { masked_decoder(encoder("vit_b_32", 64), 1, 48); }),
            "usage: --decoder-width 48: expected a multiple of 32, the width of a head");
}

}  // namespace
}  // namespace graft::models

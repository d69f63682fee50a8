// A small vision transformer with its decoder, for the tests of masked autoencoders.
#pragma once

#include "graft/models/masked_decoder.h"
#include "graft/models/vision_transformer.h"
#include "train/small.h"

namespace graft::train::masking {

using small::kSide;
inline constexpr int64_t kPatch = 3, kAcross = kSide / kPatch, kPatches = kAcross * kAcross, kWidth = 12;

/// Two layers of twelve channels.
inline graph::Graph encoder() {
  graph::Graph graph{.name = "deit small"};
  graph::Builder b(graph);
  b.stage("stem");
  graph::Value x =
      b.conv("patch_embed.proj", b.input({3, kSide, kSide}), {.out = kWidth, .kernel = kPatch, .stride = kPatch, .bias = true, .padding = 0});
  x = b.with("cls_token", apply(graph::Tokens{}, {x}), graph::ClassToken{});
  x = b.with("pos_embed", x, graph::PositionEmbedding{});
  for (int i = 0; i < 2; ++i) {
    b.stage("layer" + std::to_string(i));
    x = models::transformer_layer(b.in("blocks." + std::to_string(i)), x, kWidth, 2, models::kTimmNames);
  }
  b.stage("norm");
  x = apply(graph::FirstToken{}, {b.layer_norm("norm", x)});
  b.stage("head");
  b.linear("head", x, {.out = 3});
  rule::fill(graph);
  return graph::features(graph);
}

inline PretrainingNetworks networks() { return {encoder(), models::masked_decoder(encoder(), 1, 32)}; }

}  // namespace graft::train::masking

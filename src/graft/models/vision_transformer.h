// The vision transformer (Dosovitskiy et al. 2020), written once for torchvision's names (vit.cpp) and timm's (deit.cpp, dinov2.cpp).
#pragma once

#include "graft/base/size.h"
#include "graft/graph/builder.h"

namespace graft::models {

struct TransformerNames {
  const char *patches, *class_token, *positions;
  const char* layer;  // what stands before a layer's number
  const char* norm1;
  const char* qkv;
  char qkv_joint;  // Linear::joint
  const char *projection, *norm2, *expand, *reduce;
  const char *norm, *head;
};
inline constexpr TransformerNames kTimmNames{.patches = "patch_embed.proj",
                                             .class_token = "cls_token",
                                             .positions = "pos_embed",
                                             .layer = "blocks.",
                                             .norm1 = "norm1",
                                             .qkv = "attn.qkv",
                                             .qkv_joint = '.',
                                             .projection = "attn.proj",
                                             .norm2 = "norm2",
                                             .expand = "mlp.fc1",
                                             .reduce = "mlp.fc2",
                                             .norm = "norm",
                                             .head = "head"};

/// Twelve layers of `width` channels; heads have 64 of them.
struct Transformer {
  const char* name;
  int64_t patch, width;
  bool layer_scale = false;  // ls1.gamma and ls2.gamma (Touvron et al. 2021)
};

/// A layer of a transformer, with `heads` heads: attention, then two linear layers with a GELU, each on normalized tokens and added to them.
graph::Value transformer_layer(graph::Builder b, graph::Value x, int64_t width, int64_t heads, const TransformerNames& names,
                               bool layer_scale = false);

/// Stages: stem (patches, class token, positions), layer0 ... layer11, norm (and the class token of what it gives), head.
/// Error (usage) when `size` is not a multiple of the patch; the positions are those of `size`, and weights::load fits a file's to them.
graph::Graph build_transformer(const Transformer& net, const TransformerNames& names, int64_t classes, Size size);

}  // namespace graft::models

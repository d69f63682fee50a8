// Dosovitskiy et al. 2020, "An image is worth 16x16 words". Names and shapes are torchvision's vision_transformer.py.
#include <utility>

#include "graft/models/registry.h"
#include "graft/models/timm_names.h"
#include "graft/models/transformers_names.h"
#include "graft/models/vision_transformer.h"

namespace graft::models {
namespace {

constexpr TransformerNames kNames{.patches = "conv_proj",
                                  .class_token = "class_token",
                                  .positions = "encoder.pos_embedding",
                                  .layer = "encoder.layers.encoder_layer_",
                                  .norm1 = "ln_1",
                                  .qkv = "self_attention.in_proj",
                                  .qkv_joint = '_',
                                  .projection = "self_attention.out_proj",
                                  .norm2 = "ln_2",
                                  .expand = "mlp.0",
                                  .reduce = "mlp.3",
                                  .norm = "encoder.ln",
                                  .head = "heads.head"};

/// The published files are older than torchvision's names: "mlp.linear_1.weight".
std::string from_published(std::string_view name) {
  std::string ours(name);
  for (const auto& [old, now] : {std::pair{".mlp.linear_1.", ".mlp.0."}, {".mlp.linear_2.", ".mlp.3."}})
    if (const std::size_t at = ours.find(old); at != std::string::npos) ours.replace(at, std::string_view(old).size(), now);
  return ours;
}

Backbone row(const Transformer& net, const char* file, double top1, const Source& timm) {
  return {net.name,
          "vit",
          "Dosovitskiy et al. 2020",
          [net](int64_t classes, Size size) { return build_transformer(net, kNames, classes, size); },
          {torchvision_source("IMAGENET1K_V1", file, top1, {}, from_published), timm},
          vit_from_transformers};
}

}  // namespace

std::vector<Backbone> vit() {
  // Steiner et al. 2021, "How to train your ViT?": learned on ImageNet-21k, then on ImageNet
  const auto timm = [](const char* model, const char* tag, double top1) {
    return timm_source(model, tag, top1, {.resize = 248, .filter = image::Filter::bicubic, .mean = {.5F, .5F, .5F}, .std = {.5F, .5F, .5F}},
                       vit_from_timm);
  };
  return {row({.name = "vit_b_16", .patch = 16, .width = 768}, "vit_b_16-c867db91.pth", 81.072,
              timm("vit_base_patch16_224", "augreg2_in21k_ft_in1k", 85.108)),
          row({.name = "vit_b_32", .patch = 32, .width = 768}, "vit_b_32-d86f8d99.pth", 75.912,
              timm("vit_base_patch32_224", "augreg_in21k_ft_in1k", 80.732))};
}

}  // namespace graft::models

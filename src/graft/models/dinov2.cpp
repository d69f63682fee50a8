// Oquab et al. 2023, "DINOv2: learning robust visual features without supervision": trained without labels on LVD-142M, so its files have no
// head. Names are timm's vit_small_patch14_dinov2 and vit_base_patch14_dinov2.
#include "graft/models/registry.h"
#include "graft/models/transformers_names.h"
#include "graft/models/vision_transformer.h"

namespace graft::models {
namespace {

Backbone row(const Transformer& net, const char* timm_name) {
  return {net.name,
          "dinov2",
          "Oquab et al. 2023",
          [net](int64_t classes, Size size) { return build_transformer(net, kTimmNames, classes, size); },
          {timm_source(timm_name, "lvd142m", 0, {.resize = 518, .crop = 518, .filter = image::Filter::bicubic})},
          dinov2_from_transformers};
}

}  // namespace

std::vector<Backbone> dinov2() {
  return {row({.name = "dinov2_s_14", .patch = 14, .width = 384, .layer_scale = true}, "vit_small_patch14_dinov2"),
          row({.name = "dinov2_b_14", .patch = 14, .width = 768, .layer_scale = true}, "vit_base_patch14_dinov2")};
}

}  // namespace graft::models

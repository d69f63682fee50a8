// Touvron et al. 2020, "Training data-efficient image transformers & distillation through attention". Names are timm's deit_small_patch16_224.
#include "graft/models/registry.h"
#include "graft/models/transformers_names.h"
#include "graft/models/vision_transformer.h"

namespace graft::models {

std::vector<Backbone> deit() {
  static constexpr Transformer kSmall{.name = "deit_s_16", .patch = 16, .width = 384};
  return {{kSmall.name,
           "deit",
           "Touvron et al. 2020",
           [](int64_t classes, Size size) { return build_transformer(kSmall, kTimmNames, classes, size); },
           {timm_source("deit_small_patch16_224", "fb_in1k", 79.856, {.resize = 248, .crop = 224, .filter = image::Filter::bicubic})},
           deit_from_transformers}};
}

}  // namespace graft::models

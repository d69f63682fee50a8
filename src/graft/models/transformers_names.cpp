#include "graft/models/transformers_names.h"

#include <array>

#include "graft/models/renaming.h"
#include "graft/models/timm_names.h"

namespace graft::models {
namespace {

std::string number_after(std::string_view before, int number, std::string_view after) {
  return std::string(before) + std::to_string(number) + std::string(after);
}

std::string_view without(std::string_view name, std::string_view model) { return name.starts_with(model) ? name.substr(model.size()) : name; }

/// Whether it is of what our networks do not have.
bool is_beside(std::string_view name) { return name == "embeddings.mask_token" || name == "embeddings.position_ids" || name.starts_with("pooler."); }

}  // namespace

// clang-format off
std::string resnet_from_transformers(std::string_view full) {
  static constexpr Swap kEnds[] = {{"embedder.embedder.convolution", "conv1"}, {"embedder.embedder.normalization", "bn1"}, {"classifier.1", "fc"}};
  static constexpr Swap kShortcut[] = {{"shortcut.convolution", "downsample.0"}, {"shortcut.normalization", "downsample.1"}};
  const std::string_view name = without(full, "resnet.");
  std::string_view rest = name;
  const auto stage = take_number(rest, "encoder.stages."), block = stage ? take_number(rest, ".layers.") : std::nullopt;
  if (!block) return swapped(name, kEnds);
  const std::string path = number_after("layer", *stage + 1, number_after(".", *block, "."));
  if (const auto layer = take_number(rest, ".layer.")) {
    const std::string number = std::to_string(*layer + 1), conv = "conv" + number, norm = "bn" + number;
    return path + swapped(rest.substr(1), std::array{Swap{"convolution", conv}, Swap{"normalization", norm}});
  }
  return path + swapped(rest.substr(1), kShortcut);
}

std::string convnext_from_transformers(std::string_view full) {
  static constexpr Swap kEnds[] = {{"embeddings.patch_embeddings", "features.0.0"}, {"embeddings.layernorm", "features.0.1"},
                                   {"layernorm", "classifier.0"}, {"classifier.weight", "classifier.2.weight"},
                                   {"classifier.bias", "classifier.2.bias"}};
  static constexpr Swap kParts[] = {{"dwconv", "block.0"}, {"layernorm", "block.2"}, {"pwconv1", "block.3"}, {"pwconv2", "block.5"},
                                    {"layer_scale_parameter", "layer_scale"}};
  const std::string_view name = without(full, "convnext.");
  std::string_view rest = name;
  const auto stage = take_number(rest, "encoder.stages.");
  if (!stage) return swapped(name, kEnds);
  if (const auto between = take_number(rest, ".downsampling_layer."))
    return number_after("features.", 2 * *stage, number_after(".", *between, rest));
  const auto block = take_number(rest, ".layers.");
  return block ? number_after("features.", 2 * *stage + 1, number_after(".", *block, ".")) + swapped(rest.substr(1), kParts) : std::string(name);
}

std::string deit_from_transformers(std::string_view full) {
  static constexpr Swap kEnds[] = {{"embeddings.cls_token", "cls_token"}, {"embeddings.position_embeddings", "pos_embed"},
                                   {"embeddings.patch_embeddings.projection", "patch_embed.proj"}, {"layernorm", "norm"}, {"classifier", "head"}};
  static constexpr Swap kParts[] = {{"layernorm_before", "norm1"}, {"attention.attention.qkv", "attn.qkv"}, {"attention.qkv", "attn.qkv"},
                                    {"attention.output.dense", "attn.proj"}, {"attention.o_proj", "attn.proj"}, {"layernorm_after", "norm2"},
                                    {"intermediate.dense", "mlp.fc1"}, {"output.dense", "mlp.fc2"},
                                    {"layer_scale1.lambda1", "ls1.gamma"}, {"layer_scale2.lambda1", "ls2.gamma"}};
  const std::string_view name = without(without(without(full, "vit."), "deit."), "dinov2.");
  if (is_beside(name)) return "";
  std::string_view rest = name;
  auto layer = take_number(rest, "encoder.layer.");
  if (!layer) layer = take_number(rest, "layers.");
  return layer ? number_after("blocks.", *layer, ".") + swapped(rest.substr(1), kParts) : swapped(name, kEnds);
}
// clang-format on

std::string vit_from_transformers(std::string_view name) { return vit_from_timm(deit_from_transformers(name)); }

std::string dinov2_from_transformers(std::string_view name) { return name.starts_with("classifier.") ? "" : deit_from_transformers(name); }

}  // namespace graft::models

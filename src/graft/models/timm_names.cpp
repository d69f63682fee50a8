#include "graft/models/timm_names.h"

#include <iterator>
#include <optional>

#include "graft/models/renaming.h"

namespace graft::models {
namespace {

struct Place {
  int stage, block;
  std::string_view part;  // "bn1.weight"
};

/// Where "blocks.3.1.bn1.weight" (of MobileNet and EfficientNet) or "s3.b1.conv1.bn.weight" (of RegNet) stands.
std::optional<Place> place_of(std::string_view name, std::string_view stages, std::string_view blocks) {
  const auto stage = take_number(name, stages);
  const auto block = stage ? take_number(name, blocks) : std::nullopt;
  if (!block) return {};
  return Place{*stage, *block, name.substr(1)};
}

}  // namespace

// clang-format off
std::string efficientnet_from_timm(std::string_view name) {
  static constexpr Swap kEnds[] = {{"conv_stem", "features.0.0"}, {"bn1", "features.0.1"}, {"conv_head", "features.8.0"}, {"bn2", "features.8.1"},
                                   {"classifier.weight", "classifier.1.weight"}, {"classifier.bias", "classifier.1.bias"}};
  static constexpr Swap kPlain[] = {{"conv_dw", "0.0"}, {"bn1", "0.1"}, {"se.conv_reduce", "1.fc1"}, {"se.conv_expand", "1.fc2"},
                                    {"conv_pw", "2.0"}, {"bn2", "2.1"}};
  static constexpr Swap kExpanded[] = {{"conv_pw", "0.0"}, {"bn1", "0.1"}, {"conv_dw", "1.0"}, {"bn2", "1.1"},
                                       {"se.conv_reduce", "2.fc1"}, {"se.conv_expand", "2.fc2"}, {"conv_pwl", "3.0"}, {"bn3", "3.1"}};
  const auto place = place_of(name, "blocks.", ".");
  if (!place) return swapped(name, kEnds);
  return "features." + std::to_string(place->stage + 1) + "." + std::to_string(place->block) + ".block." +
         (place->stage == 0 ? swapped(place->part, kPlain) : swapped(place->part, kExpanded));
}

std::string mobilenet_v2_from_timm(std::string_view name) {
  static constexpr Swap kEnds[] = {{"conv_stem", "features.0.0"}, {"bn1", "features.0.1"}, {"conv_head", "features.18.0"}, {"bn2", "features.18.1"},
                                   {"classifier.weight", "classifier.1.weight"}, {"classifier.bias", "classifier.1.bias"}};
  static constexpr Swap kPlain[] = {{"conv_dw", "0.0"}, {"bn1", "0.1"}, {"conv_pw", "1"}, {"bn2", "2"}};
  static constexpr Swap kExpanded[] = {{"conv_pw", "0.0"}, {"bn1", "0.1"}, {"conv_dw", "1.0"}, {"bn2", "1.1"}, {"conv_pwl", "2"}, {"bn3", "3"}};
  static constexpr int kFirst[] = {1, 2, 4, 7, 11, 14, 17};  // torchvision counts the blocks through
  const auto place = place_of(name, "blocks.", ".");
  if (!place || place->stage >= static_cast<int>(std::size(kFirst))) return swapped(name, kEnds);
  return "features." + std::to_string(kFirst[place->stage] + place->block) + ".conv." +
         (place->stage == 0 ? swapped(place->part, kPlain) : swapped(place->part, kExpanded));
}

std::string regnet_from_timm(std::string_view name) {
  static constexpr Swap kEnds[] = {{"stem.conv", "stem.0"}, {"stem.bn", "stem.1"}, {"head.fc", "fc"}};
  static constexpr Swap kParts[] = {{"conv1.conv", "f.a.0"}, {"conv1.bn", "f.a.1"}, {"conv2.conv", "f.b.0"}, {"conv2.bn", "f.b.1"}, {"se", "f.se"},
                                    {"conv3.conv", "f.c.0"}, {"conv3.bn", "f.c.1"}, {"downsample.conv", "proj.0"}, {"downsample.bn", "proj.1"}};
  const auto place = place_of(name, "s", ".b");
  if (!place) return swapped(name, kEnds);
  const std::string block = "block" + std::to_string(place->stage);  // timm counts blocks from 1
  return "trunk_output." + block + "." + block + "-" + std::to_string(place->block - 1) + "." + swapped(place->part, kParts);
}

std::string vgg_from_timm(std::string_view name) {
  static constexpr Swap kTop[] = {{"pre_logits.fc1", "classifier.0"}, {"pre_logits.fc2", "classifier.3"}, {"head.fc", "classifier.6"}};
  return swapped(name, kTop);
}

std::string vit_from_timm(std::string_view name) {
  static constexpr Swap kEnds[] = {{"cls_token", "class_token"}, {"pos_embed", "encoder.pos_embedding"}, {"patch_embed.proj", "conv_proj"},
                                   {"norm", "encoder.ln"}, {"head", "heads.head"}};
  static constexpr Swap kParts[] = {{"norm1", "ln_1"}, {"attn.qkv.weight", "self_attention.in_proj_weight"},
                                    {"attn.qkv.bias", "self_attention.in_proj_bias"}, {"attn.proj", "self_attention.out_proj"},
                                    {"norm2", "ln_2"}, {"mlp.fc1", "mlp.0"}, {"mlp.fc2", "mlp.3"}};
  const auto layer = take_number(name, "blocks.");
  if (!layer) return swapped(name, kEnds);
  return "encoder.layers.encoder_layer_" + std::to_string(*layer) + "." + swapped(name.substr(1), kParts);
}
// clang-format on

}  // namespace graft::models

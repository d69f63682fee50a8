// The options for augmentation: a preset, and settings that override it. The lists here are the options of `fit` and of `augment`.
#pragma once

#include <optional>
#include <string>

#include "graft/base/config.h"
#include "graft/data/policy.h"
#include "graft/image/transform.h"

namespace graft::data {

/// light: the square is cut out at a random place, and mirrored half the time. standard: a random part of the photo instead of the same size always,
/// mirrored half the time, in slightly different colors, half of them rotated a little. strong: for long training on many photos, as in torchvision's
/// "new recipe" (2021): any part from 0.08 of the area, mirrored half the time, TrivialAugmentWide, a rectangle erased in a tenth of the views.
enum class AugmentPreset { none, light, standard, strong };

inline constexpr const char* kAugmentHelp =
    "random augmentation of the training photos: none; light: position and mirroring; standard: also scale, color and small rotations; strong: any "
    "part of a photo, TrivialAugment, random erasing";
inline const names<AugmentPreset> kAugmentPresets = {
    {"none", AugmentPreset::none}, {"light", AugmentPreset::light}, {"standard", AugmentPreset::standard}, {"strong", AugmentPreset::strong}};

/// What fills an erased rectangle: the mean color of Preprocess (0 after normalization, which torchvision uses), or black.
enum class EraseFill { mean, black };

/// The user's own settings; an empty one is as in the preset.
struct AugmentOptions {
  std::optional<std::string> crop_scale, zoom;
  std::optional<int> pad;
  std::optional<double> flip, vertical_flip, rotation, translate, shear, affine_chance, brightness, contrast, saturation, hue;
  std::optional<image::Border> border;
  std::optional<std::string> border_colour;
  std::optional<double> perspective, perspective_chance, grey_chance, blur, blur_chance, sharpness, sharpness_chance;
  std::optional<int> posterise, solarise;
  std::optional<double> posterise_chance, solarise_chance, autocontrast, equalise, invert;
  std::optional<Policy> policy;
  std::optional<int> policy_ops, policy_magnitude, policy_severity, policy_width, policy_depth;
  std::optional<double> policy_alpha;
  std::optional<double> erase;
  std::optional<std::string> erase_scale, erase_ratio;
  std::optional<EraseFill> erase_fill;

  void fields(FieldList& v);

 private:
  void policies(FieldList& v);

  static inline const DefaultText kAsPreset{"as --augment"}, kHalf{"0.5"};
};

}  // namespace graft::data

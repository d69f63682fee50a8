// What a user says about augmentation: a preset, and what is to be otherwise. The lists here are the options of `fit` and of `augment`.
#pragma once

#include <optional>
#include <string>

#include "graft/base/config.h"
#include "graft/data/policy.h"
#include "graft/image/transform.h"

namespace graft::data {

/// light: the square is cut out at a random place, and mirrored half the time. standard: a random part of the photo instead of the
/// same size always, mirrored half the time, in slightly other colours, half of them turned a little. strong: for long trainings on many photos,
/// as torchvision's "new recipe" (2021) has it: any part from 0.08 of the area, mirrored half the time, TrivialAugmentWide, a part erased in a tenth.
enum class AugmentPreset { none, light, standard, strong };

inline constexpr const char* kAugmentHelp =
    "random augmentation of the training photos: none; light: position and mirroring; standard: also scale, colour and small rotations; strong: any "
    "part of a photo, TrivialAugment, random erasing";
inline const names<AugmentPreset> kAugmentPresets = {
    {"none", AugmentPreset::none}, {"light", AugmentPreset::light}, {"standard", AugmentPreset::standard}, {"strong", AugmentPreset::strong}};

/// What stands in an erased rectangle: the mean colour of Preprocess, which is the 0 of normalised pictures that torchvision erases with, or black.
enum class EraseFill { mean, black };

/// What the user says otherwise; an empty one is as the preset has it.
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

  template <class Visitor>
  void fields(Visitor& v) {
    v.group("Augmentation");
    v("crop-scale", crop_scale, "train on random parts of a photo, of LOW to HIGH of its area and 3:4 to 4:3 in shape; off: always one size",
      Placeholder{"LOW,HIGH"}, kAsPreset);
    v("pad", pad, "cut the square at a random place of the resized photo after so many pixels of border on each side", between(0, 512), kAsPreset);
    v("flip", flip, "probability that a photo is mirrored; fit: without --augment, 0 where a head takes mirrored photos for another class",
      between(0, 1), kAsPreset);
    v("vertical-flip", vertical_flip,
      "probability that it is turned upside down by mirroring; fit: without --augment, 0.5 where a head knows such photos as well", between(0, 1),
      kAsPreset);
    v("rotation", rotation, "largest rotation to either side, in degrees", between(0, 180), kAsPreset);
    v("translate", translate, "largest shift in each direction, as a part of the side", between(0, 1), kAsPreset);
    v("zoom", zoom, "smallest and largest magnification", Placeholder{"LOW,HIGH"}, kAsPreset);
    v("shear", shear, "largest shear to either side, in degrees", between(0, 60), kAsPreset);
    v("affine-chance", affine_chance, "probability of rotation, translation, zoom and shear; auto: 1 when one of them is given", between(0, 1),
      kAsPreset);
    v("perspective", perspective, "how far each corner may move inwards, as a part of half the side", between(0, 1), kAsPreset);
    v("perspective-chance", perspective_chance, "probability of that", between(0, 1), kHalf);
    v("border", border,
      "what fills the area beyond the photo's edge where --pad, --rotation and the like show it; symmetric is what Keras calls reflect",
      names<image::Border>{{"reflect", image::Border::reflect},
                           {"symmetric", image::Border::symmetric},
                           {"edge", image::Border::edge},
                           {"wrap", image::Border::wrap},
                           {"black", image::Border::constant}},
      DefaultText{"reflect"});
    v("border-colour", border_colour, "fill it with this colour instead, of values in 0..255", Placeholder{"R,G,B"}, DefaultText{"none"});
    v("brightness", brightness, "0.2: times 0.8 to 1.2", between(0, 5), kAsPreset);
    v("contrast", contrast, "as --brightness", between(0, 5), kAsPreset);
    v("saturation", saturation, "as --brightness; 1: also grey", between(0, 5), kAsPreset);
    v("hue", hue, "largest shift of the hue to either side, as a part of the colour circle", between(0, 0.5), kAsPreset);
    v("grey-chance", grey_chance, "probability of converting the photo to grey", between(0, 1), kAsPreset);
    v("blur", blur, "largest standard deviation of a Gaussian blur, in pixels of the square; the smallest is 0.1", between(0, 20), kAsPreset);
    v("blur-chance", blur_chance, "probability of that", between(0, 1), kHalf);
    v("sharpness", sharpness, "as --brightness: 0 is smooth, 2 is sharp", between(0, 20), kAsPreset);
    v("sharpness-chance", sharpness_chance, "probability of that", between(0, 1), kHalf);
    v("posterise", posterise, "bits kept of each value", between(1, 7), kAsPreset);
    v("posterise-chance", posterise_chance, "probability of that", between(0, 1), kHalf);
    v("solarise", solarise, "invert values from this one on", between(0, 255), kAsPreset);
    v("solarise-chance", solarise_chance, "probability of that", between(0, 1), kHalf);
    v("autocontrast", autocontrast, "probability that each channel is stretched to 0..255", between(0, 1), kAsPreset);
    v("equalise", equalise, "probability of equalising each channel's histogram", between(0, 1), kAsPreset);
    v("invert", invert, "probability of inverting the colours", between(0, 1), kAsPreset);
    policies(v);
    v("erase", erase, "probability that a rectangle is erased", between(0, 1), kAsPreset);
    v("erase-scale", erase_scale, "its area, as a part of the picture's", Placeholder{"LOW,HIGH"}, DefaultText{"0.02,0.33"});
    v("erase-ratio", erase_ratio, "its height divided by its width", Placeholder{"LOW,HIGH"}, DefaultText{"0.3,3.3"});
    v("erase-fill", erase_fill, "what fills it: the mean colour of the network's normalisation, or black",
      names<EraseFill>{{"mean", EraseFill::mean}, {"black", EraseFill::black}}, DefaultText{"mean"});
  }

 private:
  template <class Visitor>
  void policies(Visitor& v) {
    v("policy", policy, "a published mix of operations after the others: RandAugment, TrivialAugmentWide, AutoAugment for ImageNet, AugMix",
      names<Policy>{{"none", Policy::none},
                    {"randaugment", Policy::randaugment},
                    {"trivial", Policy::trivial},
                    {"autoaugment", Policy::autoaugment},
                    {"augmix", Policy::augmix}},
      kAsPreset);
    v("policy-ops", policy_ops, "RandAugment: number of operations", between(1, 14), DefaultText{"2"});
    v("policy-magnitude", policy_magnitude, "RandAugment: their strength", between(0, 30), DefaultText{"9"});
    v("policy-severity", policy_severity, "AugMix: largest strength of an operation", between(1, 10), DefaultText{"3"});
    v("policy-width", policy_width, "AugMix: number of chains that are mixed", between(1, 16), DefaultText{"3"});
    v("policy-depth", policy_depth, "AugMix: operations per chain; auto: one to three", between(1, 16));
    v("policy-alpha", policy_alpha, "AugMix: parameter of the distribution of the chains' shares; 1: uniform, above: more even shares",
      between(0.01, 100), DefaultText{"1"});
  }

  static inline const DefaultText kAsPreset{"as --augment"}, kHalf{"0.5"};
};

}  // namespace graft::data

#include <fmt/format.h>

#include <cmath>
#include <string_view>
#include <vector>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/data/augment.h"

namespace graft::data {
namespace {

Augment::Interval interval(std::string_view option, const std::string& text, Augment::Interval limits, std::string_view or_else, std::string hint) {
  const std::vector<std::string> words = split(text, ',');
  if (words.size() == 2) {
    const std::optional<double> low = number_in<double>(trim(words[0])), high = number_in<double>(trim(words[1]));
    if (low && high && limits.low <= *low && *low <= *high && *high <= limits.high) return {*low, *high};
  }
  throw usage_error(fmt::format("{} {}", option, printable(text)),
                    fmt::format("expected two numbers LOW,HIGH with {:g} <= LOW <= HIGH <= {:g}{}", limits.low, limits.high, or_else),
                    std::move(hint));
}

Augment preset_of(AugmentPreset preset) {
  switch (preset) {
    case AugmentPreset::none: break;
    case AugmentPreset::light: return {.random_crop = true, .flip = 0.5};
    case AugmentPreset::standard:
      return {.crop_scale = Augment::Interval{0.25, 1},
              .flip = 0.5,
              .rotation = 10,
              .affine_chance = 0.5,
              .brightness = 0.2,
              .contrast = 0.2,
              .saturation = 0.2};
    case AugmentPreset::strong: return {.crop_scale = Augment::Interval{0.08, 1}, .flip = 0.5, .policy = {.policy = Policy::trivial}, .erase = 0.1};
  }
  return {};
}

void set_cut(Augment& augment, const AugmentOptions& options) {
  const bool off = options.crop_scale && lower(trim(*options.crop_scale)) == "off";
  if (options.pad && options.crop_scale && !off)
    throw usage_error("--pad", "cannot be combined with --crop-scale, which trains on parts of the photo", "give only one of them");
  if (off || options.pad) augment.crop_scale.reset();
  else if (options.crop_scale)
    augment.crop_scale = interval("--crop-scale", *options.crop_scale, {0.01, 1}, ", or off", "parts of a photo's area, for instance 0.35,1");
  if (!options.pad) return;
  augment.random_crop = true;
  augment.pad = *options.pad;
}

void set_moves(Augment& augment, const AugmentOptions& options) {
  augment.rotation = options.rotation.value_or(augment.rotation);
  augment.translate = options.translate.value_or(augment.translate);
  augment.shear = options.shear.value_or(augment.shear);
  if (options.zoom) augment.zoom = interval("--zoom", *options.zoom, {0.1, 10}, "", "magnifications, for instance 0.9,1.1");
  if (options.rotation || options.translate || options.shear || options.zoom) augment.affine_chance = 1;
  augment.affine_chance = options.affine_chance.value_or(augment.affine_chance);
  if (options.affine_chance.value_or(0) > 0 && !augment.moves())
    throw usage_error("--affine-chance", "has no effect here", "give --rotation, --translate, --zoom or --shear, too");
}

/// The probability of something that --NAME sets: half the time, as in torchvision, where it is not said.
double chance(std::string_view name, bool asked, const std::optional<double>& said) {
  if (!asked && said.value_or(0) > 0) throw usage_error(fmt::format("--{}-chance", name), "has no effect here", fmt::format("give --{}, too", name));
  return asked ? said.value_or(0.5) : 0;
}

void set_effects(Augment& augment, const AugmentOptions& options) {
  augment.perspective = options.perspective.value_or(0);
  augment.blur = options.blur.value_or(0);
  augment.sharpness = options.sharpness.value_or(0);
  augment.posterise = options.posterise.value_or(augment.posterise);
  augment.solarise = options.solarise.value_or(augment.solarise);
  augment.perspective_chance = chance("perspective", augment.perspective > 0, options.perspective_chance);
  augment.blur_chance = chance("blur", augment.blur > 0, options.blur_chance);
  augment.sharpness_chance = chance("sharpness", augment.sharpness > 0, options.sharpness_chance);
  augment.posterise_chance = chance("posterize", options.posterise.has_value(), options.posterise_chance);
  augment.solarise_chance = chance("solarize", options.solarise.has_value(), options.solarise_chance);
  augment.grey_chance = options.grey_chance.value_or(0);
  augment.autocontrast = options.autocontrast.value_or(0);
  augment.equalise = options.equalise.value_or(0);
  augment.invert = options.invert.value_or(0);
}

void set_policy(Augment& augment, const AugmentOptions& options) {
  PolicySettings& settings = augment.policy;
  settings.policy = options.policy.value_or(settings.policy);
  const auto set = [&](const char* option, const auto& said, auto& value, Policy of, const char* owner, const char* name) {
    if (!said) return;
    if (settings.policy != of)
      throw usage_error(option, fmt::format("is a setting of {}, which is not the chosen policy", owner), fmt::format("give --policy {}, too", name));
    value = *said;
  };
  set("--policy-ops", options.policy_ops, settings.ops, Policy::randaugment, "RandAugment", "randaugment");
  set("--policy-magnitude", options.policy_magnitude, settings.magnitude, Policy::randaugment, "RandAugment", "randaugment");
  set("--policy-severity", options.policy_severity, settings.severity, Policy::augmix, "AugMix", "augmix");
  set("--policy-width", options.policy_width, settings.width, Policy::augmix, "AugMix", "augmix");
  set("--policy-depth", options.policy_depth, settings.depth, Policy::augmix, "AugMix", "augmix");
  set("--policy-alpha", options.policy_alpha, settings.alpha, Policy::augmix, "AugMix", "augmix");
}

void set_erasing(Augment& augment, const AugmentOptions& options) {
  augment.erase = options.erase.value_or(augment.erase);
  const auto needs = [&](const char* option, bool said) {
    if (said && augment.erase <= 0)
      throw usage_error(option, "has no effect, because nothing is erased", "give --erase, too, for instance --erase 0.25");
  };
  needs("--erase-scale", options.erase_scale.has_value());
  needs("--erase-ratio", options.erase_ratio.has_value());
  needs("--erase-fill", options.erase_fill.has_value());
  if (options.erase_scale)
    augment.erase_scale = interval("--erase-scale", *options.erase_scale, {0.001, 1}, "", "parts of the picture's area, for instance 0.02,0.33");
  if (options.erase_ratio)
    augment.erase_ratio = interval("--erase-ratio", *options.erase_ratio, {0.05, 20}, "", "height by width, for instance 0.3,3.3");
  augment.erase_fill = options.erase_fill.value_or(augment.erase_fill);
}

image::Rgb colour_in(const std::string& text) {
  const std::vector<std::string> words = split(text, ',');
  image::Rgb colour{};
  bool good = words.size() == colour.size();
  for (std::size_t c = 0; good && c < colour.size(); ++c) {
    const std::optional<double> value = number_in<double>(trim(words[c]));
    good = value && *value >= 0 && *value <= 255 && *value == std::floor(*value);
    if (good) colour[c] = static_cast<uint8_t>(*value);
  }
  if (!good) throw usage_error("--border-color " + printable(text), "expected three whole numbers R,G,B from 0 to 255", "for instance 124,116,104");
  return colour;
}

void set_border(Augment& augment, const AugmentOptions& options) {
  if (options.border && options.border_colour)
    throw usage_error("--border-color", "cannot be combined with --border: both set the fill beyond the edge", "give only one of them");
  augment.border = options.border.value_or(augment.border);
  if (!options.border_colour) return;
  augment.border = image::Border::constant;
  augment.fill = colour_in(*options.border_colour);
}

}  // namespace

Augment of(AugmentPreset preset, const AugmentOptions& options) {
  Augment augment = preset_of(preset);
  set_cut(augment, options);
  set_moves(augment, options);
  augment.flip = options.flip.value_or(augment.flip);
  augment.vertical_flip = options.vertical_flip.value_or(augment.vertical_flip);
  augment.brightness = options.brightness.value_or(augment.brightness);
  augment.contrast = options.contrast.value_or(augment.contrast);
  augment.saturation = options.saturation.value_or(augment.saturation);
  augment.hue = options.hue.value_or(augment.hue);
  set_effects(augment, options);
  set_policy(augment, options);
  set_erasing(augment, options);
  set_border(augment, options);
  return augment;
}

void AugmentOptions::fields(FieldList& v) {
  v.group("Augmentation");
  v("crop-scale", crop_scale, "train on random parts of a photo, of LOW to HIGH of its area and 3:4 to 4:3 in shape; off: always one size",
    Placeholder{"LOW,HIGH"}, kAsPreset, BySteps{});
  v("pad", pad, "crop the square at a random place of the resized photo, with a border of this many pixels added on each side", between(0, 512),
    kAsPreset, BySteps{});
  v("flip", flip, "probability that a photo is mirrored; graft fit without --augment: 0 if a head takes mirrored photos for another class",
    between(0, 1), kAsPreset, BySteps{});
  v("vertical-flip", vertical_flip,
    "probability that a photo is flipped upside down; graft fit without --augment: 0.5 if a head recognizes such photos as well", between(0, 1),
    kAsPreset, BySteps{}, Usual{"0.5"});
  v("rotation", rotation, "largest rotation to either side, in degrees", between(0, 180), kAsPreset, BySteps{});
  v("translate", translate, "largest shift in each direction, as a part of the side", between(0, 1), kAsPreset, BySteps{});
  v("zoom", zoom, "smallest and largest magnification", Placeholder{"LOW,HIGH"}, kAsPreset, BySteps{});
  v("shear", shear, "largest shear to either side, in degrees", between(0, 60), kAsPreset, BySteps{});
  v("affine-chance", affine_chance, "probability of rotation, translation, zoom and shear; auto: 1 if one of them is given", between(0, 1), kAsPreset,
    BySteps{});
  v("perspective", perspective, "how far each corner may move inwards, as a part of half the side", between(0, 1), kAsPreset, BySteps{});
  v("perspective-chance", perspective_chance, "probability of --perspective", between(0, 1), kHalf, BySteps{});
  v("border", border, "what fills the area beyond the photo's edge if --pad, --rotation and the like show it; symmetric is what Keras calls reflect",
    names<image::Border>{{"reflect", image::Border::reflect},
                         {"symmetric", image::Border::symmetric},
                         {"edge", image::Border::edge},
                         {"wrap", image::Border::wrap},
                         {"black", image::Border::constant}},
    DefaultText{"reflect"}, BySteps{});
  v("border-color", border_colour, "fill that area with this color instead; values in 0..255", Placeholder{"R,G,B"}, DefaultText{"none"}, BySteps{});
  v("brightness", brightness, "largest change of the brightness: 0.2 multiplies it by 0.8 to 1.2", between(0, 5), kAsPreset, BySteps{});
  v("contrast", contrast, "as --brightness", between(0, 5), kAsPreset, BySteps{});
  v("saturation", saturation, "largest change of the saturation, as for --brightness; 1: down to gray", between(0, 5), kAsPreset, BySteps{});
  v("hue", hue, "largest shift of the hue to either side, as a part of the color circle", between(0, 0.5), kAsPreset, BySteps{});
  v("gray-chance", grey_chance, "probability of converting the photo to gray", between(0, 1), kAsPreset, BySteps{});
  v("blur", blur, "largest standard deviation of a Gaussian blur, in pixels of the square; the smallest is 0.1", between(0, 20), kAsPreset,
    BySteps{});
  v("blur-chance", blur_chance, "probability of --blur", between(0, 1), kHalf, BySteps{});
  v("sharpness", sharpness, "largest change of the sharpness, as for --brightness: a factor of 0 is smooth, 2 is sharp", between(0, 20), kAsPreset,
    BySteps{});
  v("sharpness-chance", sharpness_chance, "probability of --sharpness", between(0, 1), kHalf, BySteps{});
  v("posterize", posterise, "number of bits to keep per value", between(1, 7), kAsPreset, BySteps{});
  v("posterize-chance", posterise_chance, "probability of --posterize", between(0, 1), kHalf, BySteps{});
  v("solarize", solarise, "invert values of at least this threshold", between(0, 255), kAsPreset, BySteps{});
  v("solarize-chance", solarise_chance, "probability of --solarize", between(0, 1), kHalf, BySteps{});
  v("autocontrast", autocontrast, "probability that each channel is stretched to 0..255", between(0, 1), kAsPreset, BySteps{});
  v("equalize", equalise, "probability of equalizing each channel's histogram", between(0, 1), kAsPreset, BySteps{});
  v("invert", invert, "probability of inverting the colors", between(0, 1), kAsPreset, BySteps{});
  policies(v);
  v("erase", erase, "probability that a rectangle is erased", between(0, 1), kAsPreset, BySteps{}, Usual{"0.25"});
  v("erase-scale", erase_scale, "area of the erased rectangle, as a fraction of the view", Placeholder{"LOW,HIGH"}, DefaultText{"0.02,0.33"},
    BySteps{});
  v("erase-ratio", erase_ratio, "height of the erased rectangle divided by its width", Placeholder{"LOW,HIGH"}, DefaultText{"0.3,3.3"}, BySteps{});
  v("erase-fill", erase_fill, "what fills the erased rectangle: the mean color of the network's normalization, or black",
    names<EraseFill>{{"mean", EraseFill::mean}, {"black", EraseFill::black}}, DefaultText{"mean"}, BySteps{});
}

void AugmentOptions::policies(FieldList& v) {
  v("policy", policy, "a published mix of operations after the others: RandAugment, TrivialAugmentWide, AutoAugment for ImageNet, AugMix",
    names<Policy>{{"none", Policy::none},
                  {"randaugment", Policy::randaugment},
                  {"trivial", Policy::trivial},
                  {"autoaugment", Policy::autoaugment},
                  {"augmix", Policy::augmix}},
    kAsPreset, BySteps{}, Usual{"trivial"});
  v("policy-ops", policy_ops, "RandAugment: number of operations", between(1, 14), DefaultText{"2"}, BySteps{});
  v("policy-magnitude", policy_magnitude, "RandAugment: strength of the operations", between(0, 30), DefaultText{"9"}, BySteps{});
  v("policy-severity", policy_severity, "AugMix: largest strength of an operation", between(1, 10), DefaultText{"3"}, BySteps{});
  v("policy-width", policy_width, "AugMix: number of chains that are mixed", between(1, 16), DefaultText{"3"}, BySteps{});
  v("policy-depth", policy_depth, "AugMix: operations per chain; auto: one to three", between(1, 16), BySteps{});
  v("policy-alpha", policy_alpha, "AugMix: parameter of the distribution of the chains' shares; 1: uniform, above: more even shares",
    between(0.01, 100), DefaultText{"1"}, BySteps{});
}

}  // namespace graft::data

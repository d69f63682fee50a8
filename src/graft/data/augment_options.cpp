#include <fmt/format.h>

#include <charconv>
#include <string_view>
#include <vector>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/data/augment.h"

namespace graft::data {
namespace {

std::optional<double> number_in(std::string_view word) {
  const std::string_view digits = trim(word);
  double number = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (code != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

Augment::Interval interval(std::string_view option, const std::string& text, Augment::Interval limits, std::string_view or_else, std::string hint) {
  const std::vector<std::string> words = split(text, ',');
  if (words.size() == 2) {
    const std::optional<double> low = number_in(words[0]), high = number_in(words[1]);
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
  }
  return {};
}

void set_cut(Augment& augment, const AugmentOptions& options) {
  const bool off = options.crop_scale && lower(trim(*options.crop_scale)) == "off";
  if (options.pad && options.crop_scale && !off)
    throw usage_error("--pad", "does not go with --crop-scale, which takes parts of a photo's inside", "leave one of them away");
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
    throw usage_error("--affine-chance", "is the chance of nothing here", "give --rotation, --translate, --zoom or --shear, too");
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
  augment.border = options.border.value_or(augment.border);
  return augment;
}

}  // namespace graft::data

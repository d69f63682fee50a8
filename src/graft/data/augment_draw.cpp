#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "graft/data/augment.h"

namespace graft::data {
namespace {

using image::Box;
using Cut = image::Part;

double between_of(double low, double high, double share) { return low + (high - low) * share; }

double factor_of(double most, double share) { return between_of(std::max(0.0, 1 - most), 1 + most, share); }

/// One of 0 ... count - 1. Not Rng::below(), which may draw more than once.
int64_t one_of_first(int64_t count, double share) { return static_cast<int64_t>(static_cast<double>(count) * share); }

struct CutDraws {
  std::array<std::pair<double, double>, 10> shapes;  // area, ratio
  double across, down;
};

CutDraws draw_cut(Rng& rng) {
  CutDraws draws;
  for (auto& [area, ratio] : draws.shapes) area = rng.uniform(), ratio = rng.uniform();
  draws.across = rng.uniform();
  draws.down = rng.uniform();
  return draws;
}

constexpr double kNarrowest = 3.0 / 4, kWidest = 4.0 / 3;

/// torchvision's RandomResizedCrop.get_params; its ratios are those of a square, and of another picture so much wider or narrower.
Box random_part(const CutDraws& draws, const Augment::Interval& scale, int width, int height, Size crop) {
  const double shape = static_cast<double>(crop.width) / crop.height;
  for (const auto& [area_share, ratio_share] : draws.shapes) {
    const double area = width * static_cast<double>(height) * between_of(scale.low, scale.high, area_share);
    const double ratio = shape * std::exp(between_of(std::log(kNarrowest), std::log(kWidest), ratio_share));
    const double w = std::nearbyint(std::sqrt(area * ratio)), h = std::nearbyint(std::sqrt(area / ratio));
    if (w < 1 || h < 1 || w > width || h > height) continue;
    const int columns = static_cast<int>(w), rows = static_cast<int>(h);
    return {static_cast<int>(one_of_first(width - columns + 1, draws.across)), static_cast<int>(one_of_first(height - rows + 1, draws.down)), columns,
            rows};
  }
  const double ratio = static_cast<double>(width) / height;
  const double narrowest = shape * kNarrowest, widest = shape * kWidest;
  const int columns = ratio > widest ? static_cast<int>(std::nearbyint(height * widest)) : width;
  const int rows = ratio < narrowest ? static_cast<int>(std::nearbyint(width / narrowest)) : height;
  return {(width - columns) / 2, (height - rows) / 2, columns, rows};
}

/// Where torchvision's CenterCrop begins: half to even inside, down outside.
int64_t centre(int64_t size, int64_t crop) {
  if (size <= crop) return -((crop - size) / 2);
  const int64_t excess = size - crop, half = excess / 2;
  return half + (excess % 2) * (half % 2);
}

Cut cut_of(const CutDraws& draws, const Augment& augment, const Preprocess& preprocess, int width, int height) {
  const Size crop = preprocess.crop;
  if (augment.crop_scale)
    return {random_part(draws, *augment.crop_scale, width, height, crop), crop.width, crop.height, 0, 0, crop.width, crop.height};
  const image::Extent whole = image::covering(width, height, preprocess.cover());
  Cut part{{0, 0, width, height}, whole.width, whole.height, 0, 0, crop.width, crop.height};
  const auto place = [&](int64_t size, int kept, double share) {
    const int64_t room = size + 2 * augment.pad - kept;
    return augment.random_crop && room >= 0 ? one_of_first(room + 1, share) - augment.pad : centre(size, kept);
  };
  part.x = place(part.width, crop.width, draws.across);
  part.y = place(part.height, crop.height, draws.down);
  return part;
}

/// torchvision's RandomPerspective.get_params.
std::optional<image::Projection> drawn_perspective(const Augment& augment, Size size, Rng& rng) {
  const bool seen = rng.uniform() < augment.perspective_chance && augment.perspective > 0;
  const auto most = [&](int side) { return static_cast<int>(augment.perspective * (side / 2)); };
  const auto near = [&](int side) { return static_cast<double>(one_of_first(most(side) + 1, rng.uniform())); };
  const auto far = [&](int side) { return side - most(side) - 1 + near(side); };
  const double right = size.width - 1, bottom = size.height - 1;
  image::Corners corners;
  corners[0].x = near(size.width), corners[0].y = near(size.height);
  corners[1].x = far(size.width), corners[1].y = near(size.height);
  corners[2].x = far(size.width), corners[2].y = far(size.height);
  corners[3].x = near(size.width), corners[3].y = far(size.height);
  if (!seen) return std::nullopt;
  return image::perspective_map({{{0, 0}, {right, 0}, {right, bottom}, {0, bottom}}}, corners);
}

Effects drawn_effects(const Augment& augment, Rng& rng) {
  constexpr double kLeastBlur = 0.1;  // torchvision's GaussianBlur
  const auto happens = [&](double chance) { return rng.uniform() < chance; };
  Effects effects;
  effects.grey = happens(augment.grey_chance);
  const bool blurred = happens(augment.blur_chance);
  const double deviation = between_of(std::min(kLeastBlur, augment.blur), augment.blur, rng.uniform());
  if (blurred) effects.blur = deviation;
  const bool sharpened = happens(augment.sharpness_chance);
  const double sharpness = factor_of(augment.sharpness, rng.uniform());
  if (sharpened) effects.sharpness = sharpness;
  if (happens(augment.posterise_chance)) effects.posterise = augment.posterise;
  if (happens(augment.solarise_chance)) effects.solarise = augment.solarise;
  effects.autocontrast = happens(augment.autocontrast);
  effects.equalise = happens(augment.equalise);
  effects.invert = happens(augment.invert);
  return effects;
}

image::Rgb erase_colour(EraseFill fill, const Preprocess& preprocess) {
  image::Rgb colour{};
  if (fill == EraseFill::black) return colour;
  for (std::size_t c = 0; c < 3; ++c)
    colour[c] = static_cast<uint8_t>(std::clamp(std::nearbyint(preprocess.mean[preprocess.grey ? 0 : c] * 255), 0.0F, 255.0F));
  return colour;
}

/// torchvision's RandomErasing.get_params: nothing is erased where no rectangle fits.
std::optional<Erasure> drawn_erasure(const Augment& augment, const Preprocess& preprocess, Rng& rng) {
  const bool erased = rng.uniform() < augment.erase;
  const CutDraws draws = draw_cut(rng);
  if (!erased) return std::nullopt;
  const Size side = preprocess.crop;
  for (const auto& [area_share, ratio_share] : draws.shapes) {
    const double area = side.height * static_cast<double>(side.width) * between_of(augment.erase_scale.low, augment.erase_scale.high, area_share);
    const double ratio = std::exp(between_of(std::log(augment.erase_ratio.low), std::log(augment.erase_ratio.high), ratio_share));
    const double h = std::nearbyint(std::sqrt(area * ratio)), w = std::nearbyint(std::sqrt(area / ratio));
    if (w >= side.width || h >= side.height) continue;
    const int columns = static_cast<int>(w), rows = static_cast<int>(h);
    const int x = static_cast<int>(one_of_first(side.width - columns + 1, draws.across)),
              y = static_cast<int>(one_of_first(side.height - rows + 1, draws.down));
    return Erasure{{x, y, columns, rows}, erase_colour(augment.erase_fill, preprocess)};
  }
  return std::nullopt;
}

}  // namespace

View draw_view(const Augment& augment, const Preprocess& preprocess, int width, int height, Rng& rng) {
  View view{.part = cut_of(draw_cut(rng), augment, preprocess, width, height), .turn = {}, .colours = {}};
  view.part.mirrored = rng.uniform() < augment.flip;
  view.part.upside_down = rng.uniform() < augment.vertical_flip;

  const bool turned = rng.uniform() < augment.affine_chance && augment.moves();
  const auto both_sides = [&](double most) { return between_of(-most, most, rng.uniform()); };
  image::Turn turn;
  turn.angle = both_sides(augment.rotation);
  turn.translate_x = both_sides(augment.translate) * preprocess.crop.width;
  turn.translate_y = both_sides(augment.translate) * preprocess.crop.height;
  turn.scale = between_of(augment.zoom.low, augment.zoom.high, rng.uniform());
  turn.shear_x = both_sides(augment.shear);
  if (turned) view.turn = turn;

  const auto factor = [&](double most) { return factor_of(most, rng.uniform()); };
  view.colours.brightness = factor(augment.brightness);
  view.colours.contrast = factor(augment.contrast);
  view.colours.saturation = factor(augment.saturation);
  view.colours.hue = both_sides(augment.hue);
  for (std::size_t left = 4; left > 1; --left)
    std::swap(view.colours.order[left - 1], view.colours.order[static_cast<std::size_t>(one_of_first(static_cast<int64_t>(left), rng.uniform()))]);
  view.perspective = drawn_perspective(augment, preprocess.crop, rng);
  view.effects = drawn_effects(augment, rng);
  view.erasure = drawn_erasure(augment, preprocess, rng);
  Rng of_the_policy(static_cast<uint64_t>(rng.uniform() * 0x1p53));
  view.policy = draw_policy(augment.policy, preprocess.crop.width, preprocess.crop.height, of_the_policy);
  return view;
}

}  // namespace graft::data

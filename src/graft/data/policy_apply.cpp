#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "graft/data/policy.h"
#include "graft/image/blur.h"
#include "graft/image/colour.h"
#include "graft/image/tone.h"

namespace graft::data {
namespace {

/// A picture moved by `turn` about `centre_x`, `centre_y`, in place.
void move(std::span<uint8_t> rgb, int width, const image::Turn& turn, bool about_centre, image::Border border, image::Rgb fill) {
  const int height = static_cast<int>(rgb.size() / 3) / width;
  const image::Image before{width, height, {rgb.begin(), rgb.end()}};
  const image::Matrix matrix = image::inverse_matrix(turn, about_centre ? width : 0, about_centre ? height : 0);
  image::transform(before, matrix, width, height, border, fill, rgb);
}

double degrees_of_tangent(double tangent) { return std::atan(tangent) * 180 / std::numbers::pi; }

}  // namespace

void apply(const Step& step, std::span<uint8_t> rgb, int width, image::Border border, image::Rgb fill) {
  const double magnitude = step.magnitude;
  const auto turn = [&](const image::Turn& by, bool about_centre) { move(rgb, width, by, about_centre, border, fill); };
  switch (step.operation) {
    case Operation::identity: return;
    case Operation::shear_x: return turn({.shear_x = degrees_of_tangent(magnitude)}, false);
    case Operation::shear_y: return turn({.shear_y = degrees_of_tangent(magnitude)}, false);
    case Operation::translate_x: return turn({.translate_x = std::trunc(magnitude)}, true);
    case Operation::translate_y: return turn({.translate_y = std::trunc(magnitude)}, true);
    case Operation::rotate: return turn({.angle = -magnitude}, true);
    case Operation::brightness: return image::jitter(rgb, {.brightness = 1 + magnitude});
    case Operation::colour: return image::jitter(rgb, {.saturation = 1 + magnitude});
    case Operation::contrast: return image::jitter(rgb, {.contrast = 1 + magnitude});
    case Operation::sharpness: return image::adjust_sharpness(rgb, width, 1 + magnitude);
    case Operation::posterise: return image::posterise(rgb, static_cast<int>(magnitude));
    case Operation::solarise: return image::solarise(rgb, magnitude);
    case Operation::autocontrast: return image::autocontrast(rgb);
    case Operation::equalise: return image::equalise(rgb);
    case Operation::invert: return image::invert(rgb);
  }
}

void apply(const Mixture& mixture, std::span<uint8_t> rgb, int width, image::Border border, image::Rgb fill) {
  if (mixture.shares.empty()) {
    for (const Chain& chain : mixture.chains)
      for (const Step& step : chain) apply(step, rgb, width, border, fill);
    return;
  }
  std::vector<float> sum(rgb.begin(), rgb.end());
  for (float& value : sum) value *= mixture.shares[0];
  for (std::size_t i = 0; i < mixture.chains.size(); ++i) {
    std::vector<uint8_t> picture(rgb.begin(), rgb.end());
    for (const Step& step : mixture.chains[i]) apply(step, picture, width, border, fill);
    for (std::size_t p = 0; p < sum.size(); ++p) sum[p] += mixture.shares[i + 1] * static_cast<float>(picture[p]);
  }
  // Cut off like torchvision's; the shares' sum may be a little over 1.
  for (std::size_t p = 0; p < sum.size(); ++p) rgb[p] = static_cast<uint8_t>(std::min(sum[p], 255.0F));
}

}  // namespace graft::data

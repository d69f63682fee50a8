#include "graft/data/augment.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>
#include <vector>

#include "graft/image/blur.h"
#include "graft/image/tone.h"

namespace graft::data {
namespace {

using image::Image;
using image::Matrix;
using Cut = image::Part;
using image::Projection;

/// For each of `count` pixels from `first` of an axis the one it shows, and which of them are needed.
struct Axis {
  std::vector<int64_t> from;  // -1: the fill colour
  int64_t low = INT64_MAX, high = -1;

  Axis(int64_t first, int count, int64_t size, image::Border border, bool reversed) {
    for (int64_t i = first; i < first + count; ++i) {
      from.push_back(image::border_index(i, size, border));
      if (from.back() < 0) continue;
      low = std::min(low, from.back());
      high = std::max(high, from.back());
    }
    if (reversed) std::ranges::reverse(from);
  }
};

/// What stands beyond the photo's edges.
struct Surround {
  image::Border border;
  image::Rgb fill;
};

void cut(const Image& photo, const Cut& part, const Surround& surround, image::Filter filter, std::span<uint8_t> rgb) {
  if (part.x >= 0 && part.y >= 0 && part.x + part.columns <= part.width && part.y + part.rows <= part.height)
    return image::resize_part(photo, part, filter, rgb);
  const Axis x(part.x, part.columns, part.width, surround.border, part.mirrored);
  const Axis y(part.y, part.rows, part.height, surround.border, part.upside_down);
  for (std::size_t i = 0; i < rgb.size(); ++i) rgb[i] = surround.fill[i % 3];
  if (x.high < 0 || y.high < 0) return;
  const int columns = static_cast<int>(x.high - x.low + 1), rows = static_cast<int>(y.high - y.low + 1);
  std::vector<uint8_t> inside(static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows) * 3);
  image::resize_part(photo, {part.box, part.width, part.height, x.low, y.low, columns, rows}, filter, inside);
  uint8_t* out = rgb.data();
  for (const int64_t row : y.from)
    for (const int64_t column : x.from) {
      if (row >= 0 && column >= 0) std::memcpy(out, &inside[static_cast<std::size_t>(((row - y.low) * columns + column - x.low) * 3)], 3);
      out += 3;
    }
}

/// From the square before its turn to the photo.
Matrix photo_of(const Cut& part) {
  const double x = part.box.width / static_cast<double>(part.width), y = part.box.height / static_cast<double>(part.height);
  const auto left = static_cast<double>(part.x), top = static_cast<double>(part.y);
  return {part.mirrored ? -x : x,
          0,
          part.box.x + x * (part.mirrored ? left + part.columns : left),
          0,
          part.upside_down ? -y : y,
          part.box.y + y * (part.upside_down ? top + part.rows : top)};
}

/// Whole pixels of an axis of `size` that reach from low to high, one at least.
std::pair<int, int> span_of(double low, double high, int size) {
  const double begin = std::clamp(std::floor(low), 0.0, size - 1.0), end = std::clamp(std::ceil(high), begin + 1, static_cast<double>(size));
  return {static_cast<int>(begin), static_cast<int>(end - begin)};
}

/// Where in the photo the pixels of the result are, as far as that is useful.
struct Extent {
  double left, top, right, bottom;
};

Extent extent_of(const Matrix& m, int columns, int rows) {
  const double right_x = m.a * columns, right_y = m.d * columns, down_x = m.b * rows, down_y = m.e * rows;
  return {m.c + std::min(right_x, 0.0) + std::min(down_x, 0.0), m.f + std::min(right_y, 0.0) + std::min(down_y, 0.0),
          m.c + std::max(right_x, 0.0) + std::max(down_x, 0.0), m.f + std::max(right_y, 0.0) + std::max(down_y, 0.0)};
}

/// Towards the horizon a projection sees very far; more than a side around what the square shows without it is left to the border.
Extent extent_of(const Projection& to_photo, const Extent& flat, int columns, int rows) {
  const double width = flat.right - flat.left, height = flat.bottom - flat.top;
  const Extent most{flat.left - width, flat.top - height, flat.right + width, flat.bottom + height};
  const bool behind = image::depth(to_photo, {0, 0}) < 0;
  Extent seen = flat;
  for (const double x : {0.0, static_cast<double>(columns)})
    for (const double y : {0.0, static_cast<double>(rows)}) {
      if ((image::depth(to_photo, {x, y}) < 0) != behind) return most;  // the horizon crosses the square
      const auto [across, down] = image::at(to_photo, {x, y});
      seen = {std::min(seen.left, across), std::min(seen.top, down), std::max(seen.right, across), std::max(seen.bottom, down)};
    }
  return {std::max(seen.left, most.left), std::max(seen.top, most.top), std::min(seen.right, most.right), std::min(seen.bottom, most.bottom)};
}

/// Everything of the photo that the turned square shows is resized in one go, also what lies around the square, to the scale at which it is
/// shown; only then it is turned and put into perspective. So corners show photo and no border where there is photo, and a zoom is as sharp as the
/// photo.
void cut_turned(const Image& photo, const View& view, const Surround& surround, image::Filter filter, std::span<uint8_t> rgb) {
  const Cut& part = view.part;
  const image::Turn turn = view.turn.value_or(image::Turn{});
  const Matrix to_photo = composed(image::inverse_matrix(turn, part.columns, part.rows), photo_of(part));
  const double scale_x = static_cast<double>(part.width) / part.box.width * turn.scale;
  const double scale_y = static_cast<double>(part.height) / part.box.height * turn.scale;
  Extent seen = extent_of(to_photo, part.columns, part.rows);
  if (view.perspective) seen = extent_of(composed(*view.perspective, to_photo), seen, part.columns, part.rows);
  constexpr double kMargin = 3;  // pixels of the result: what the filters look at beyond a pixel
  const auto [x, width] = span_of(seen.left - kMargin / scale_x, seen.right + kMargin / scale_x, photo.width);
  const auto [y, height] = span_of(seen.top - kMargin / scale_y, seen.bottom + kMargin / scale_y, photo.height);
  const int columns = std::max(1, static_cast<int>(std::lround(width * scale_x))),
            rows = std::max(1, static_cast<int>(std::lround(height * scale_y)));
  Image around{columns, rows, std::vector<uint8_t>(static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows) * 3)};
  image::resize_part(photo, {{x, y, width, height}, columns, rows, 0, 0, columns, rows}, filter, around.pixels);
  const double fit_x = static_cast<double>(columns) / width, fit_y = static_cast<double>(rows) / height;
  const Matrix to_around = composed(to_photo, {fit_x, 0, -x * fit_x, 0, fit_y, -y * fit_y});
  const auto shown = [&](const auto& map) { image::transform(around, map, part.columns, part.rows, surround.border, surround.fill, rgb); };
  if (view.perspective) shown(composed(*view.perspective, to_around));
  else shown(to_around);
}

void apply(const Effects& effects, std::span<uint8_t> rgb, int width) {
  if (effects.grey) image::make_grey(rgb);
  // Three deviations to each side hold 0.997 of the bell.
  if (effects.blur > 0) image::gaussian_blur(rgb, width, 2 * static_cast<int>(std::ceil(3 * effects.blur)) + 1, effects.blur);
  if (effects.sharpness != 1) image::adjust_sharpness(rgb, width, effects.sharpness);
  if (effects.posterise < 8) image::posterise(rgb, effects.posterise);
  if (effects.solarise < 256) image::solarise(rgb, effects.solarise);
  if (effects.autocontrast) image::autocontrast(rgb);
  if (effects.equalise) image::equalise(rgb);
  if (effects.invert) image::invert(rgb);
}

}  // namespace

void show(const Image& photo, const View& view, image::Border border, const Preprocess& preprocess, std::span<uint8_t> row, image::Rgb fill) {
  std::vector<uint8_t> colour(preprocess.grey ? row.size() * 3 : 0);
  const std::span<uint8_t> rgb = preprocess.grey ? std::span(colour) : row;
  if (view.turn || view.perspective) cut_turned(photo, view, {border, fill}, preprocess.filter, rgb);
  else cut(photo, view.part, {border, fill}, preprocess.filter, rgb);
  if (view.colours.any()) image::jitter(rgb, view.colours);
  apply(view.effects, rgb, preprocess.crop.width);
  if (view.policy.any()) apply(view.policy, rgb, preprocess.crop.width, border, fill);
  if (view.erasure) image::erase(rgb, preprocess.crop.width, view.erasure->box, view.erasure->colour);
  for (std::size_t i = 0; i < colour.size() / 3; ++i) row[i] = image::luma(&colour[3 * i]);
}

void augment(const Image& photo, const Augment& augment, const Preprocess& preprocess, Rng& rng, std::span<uint8_t> row) {
  const View view = draw_view(augment, preprocess, photo.width, photo.height, rng);
  if (!augment.any()) return preprocess(photo, row);
  show(photo, view, augment.border, preprocess, row, augment.fill);
}

int enough_side(const Augment& augment, const Preprocess& preprocess) {
  Augment beside_flips = augment;
  beside_flips.flip = beside_flips.vertical_flip = 0;
  if (!beside_flips.any()) return 0;
  constexpr double kMostMagnified = 4;
  const int crop = preprocess.crop.longer(), cover = preprocess.cover().longer();
  const double shown = augment.crop_scale ? crop / std::sqrt(augment.crop_scale->low) : cover;
  const double zoom = augment.moves() ? std::max(1.0, augment.zoom.high) : 1;
  return static_cast<int>(std::ceil(std::min(shown * zoom, kMostMagnified * std::max(crop, cover))));
}

}  // namespace graft::data

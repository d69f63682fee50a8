#include "graft/data/augment.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <utility>
#include <vector>

namespace graft::data {
namespace {

using image::Box;
using image::Image;
using image::Matrix;
using image::Part;

double between_of(double low, double high, double share) { return low + (high - low) * share; }

/// One of 0 ... count - 1. Not Rng::below(), which may draw more than once.
int64_t one_of_first(int64_t count, double share) { return static_cast<int64_t>(static_cast<double>(count) * share); }

// ---- The cut

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

/// torchvision's RandomResizedCrop.get_params.
Box random_part(const CutDraws& draws, const Augment::Interval& scale, int width, int height) {
  for (const auto& [area_share, ratio_share] : draws.shapes) {
    const double area = width * static_cast<double>(height) * between_of(scale.low, scale.high, area_share);
    const double ratio = std::exp(between_of(std::log(kNarrowest), std::log(kWidest), ratio_share));
    const double w = std::nearbyint(std::sqrt(area * ratio)), h = std::nearbyint(std::sqrt(area / ratio));
    if (w < 1 || h < 1 || w > width || h > height) continue;
    const int columns = static_cast<int>(w), rows = static_cast<int>(h);
    return {static_cast<int>(one_of_first(width - columns + 1, draws.across)), static_cast<int>(one_of_first(height - rows + 1, draws.down)), columns,
            rows};
  }
  const double ratio = static_cast<double>(width) / height;
  const int columns = ratio > kWidest ? static_cast<int>(std::nearbyint(height * kWidest)) : width;
  const int rows = ratio < kNarrowest ? static_cast<int>(std::nearbyint(width / kNarrowest)) : height;
  return {(width - columns) / 2, (height - rows) / 2, columns, rows};
}

/// Where torchvision's CenterCrop begins: half to even inside, down outside.
int64_t centre(int64_t size, int64_t crop) {
  if (size <= crop) return -((crop - size) / 2);
  const int64_t excess = size - crop, half = excess / 2;
  return half + (excess % 2) * (half % 2);
}

Part cut_of(const CutDraws& draws, const Augment& augment, const Preprocess& preprocess, int width, int height) {
  const int crop = preprocess.crop;
  if (augment.crop_scale) return {random_part(draws, *augment.crop_scale, width, height), crop, crop, 0, 0, crop, crop};
  const bool upright = width <= height;
  const int64_t shorter = preprocess.resize, longer = upright ? shorter * height / width : shorter * width / height;
  Part part{{0, 0, width, height}, upright ? shorter : longer, upright ? longer : shorter, 0, 0, crop, crop};
  const auto place = [&](int64_t size, double share) {
    const int64_t room = size + 2 * augment.pad - crop;
    return augment.random_crop && room >= 0 ? one_of_first(room + 1, share) - augment.pad : centre(size, crop);
  };
  part.x = place(part.width, draws.across);
  part.y = place(part.height, draws.down);
  return part;
}

// ---- Showing it

constexpr image::Rgb kBlack{};

/// For each of `count` pixels from `first` of an axis the one it shows, and which of them are needed.
struct Axis {
  std::vector<int64_t> from;  // -1: black
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

void cut(const Image& photo, const Part& part, image::Border border, image::Filter filter, std::span<uint8_t> rgb) {
  if (part.x >= 0 && part.y >= 0 && part.x + part.columns <= part.width && part.y + part.rows <= part.height)
    return image::resize_part(photo, part, filter, rgb);
  const Axis x(part.x, part.columns, part.width, border, part.mirrored), y(part.y, part.rows, part.height, border, part.upside_down);
  std::ranges::fill(rgb, uint8_t{0});
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
Matrix photo_of(const Part& part) {
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

/// Everything of the photo that the turned square shows is resized in one go, also what lies around the square, to the scale at which it is
/// shown; only then it is turned. So corners show photo and no border where there is photo, and a zoom is as sharp as the photo.
void cut_turned(const Image& photo, const View& view, image::Border border, image::Filter filter, std::span<uint8_t> rgb) {
  const Part& part = view.part;
  const Matrix to_photo = composed(image::inverse_matrix(*view.turn, part.columns, part.rows), photo_of(part));
  const double scale_x = static_cast<double>(part.width) / part.box.width * view.turn->scale;
  const double scale_y = static_cast<double>(part.height) / part.box.height * view.turn->scale;
  const double right_x = to_photo.a * part.columns, right_y = to_photo.d * part.columns, down_x = to_photo.b * part.rows,
               down_y = to_photo.e * part.rows;
  const auto reach = [](double start, double right, double down, double margin, int size) {
    return span_of(start + std::min(right, 0.0) + std::min(down, 0.0) - margin, start + std::max(right, 0.0) + std::max(down, 0.0) + margin, size);
  };
  constexpr double kMargin = 3;  // pixels of the result: what the filters look at beyond a pixel
  const auto [x, width] = reach(to_photo.c, right_x, down_x, kMargin / scale_x, photo.width);
  const auto [y, height] = reach(to_photo.f, right_y, down_y, kMargin / scale_y, photo.height);
  const int columns = std::max(1, static_cast<int>(std::lround(width * scale_x))),
            rows = std::max(1, static_cast<int>(std::lround(height * scale_y)));
  Image around{columns, rows, std::vector<uint8_t>(static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows) * 3)};
  image::resize_part(photo, {{x, y, width, height}, columns, rows, 0, 0, columns, rows}, filter, around.pixels);
  const double fit_x = static_cast<double>(columns) / width, fit_y = static_cast<double>(rows) / height;
  const Matrix to_around = composed(to_photo, {fit_x, 0, -x * fit_x, 0, fit_y, -y * fit_y});
  image::transform(around, to_around, part.columns, part.rows, border, kBlack, rgb);
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
  turn.translate_x = both_sides(augment.translate) * preprocess.crop;
  turn.translate_y = both_sides(augment.translate) * preprocess.crop;
  turn.scale = between_of(augment.zoom.low, augment.zoom.high, rng.uniform());
  turn.shear_x = both_sides(augment.shear);
  if (turned) view.turn = turn;

  const auto factor = [&](double most) { return between_of(std::max(0.0, 1 - most), 1 + most, rng.uniform()); };
  view.colours.brightness = factor(augment.brightness);
  view.colours.contrast = factor(augment.contrast);
  view.colours.saturation = factor(augment.saturation);
  view.colours.hue = both_sides(augment.hue);
  for (std::size_t left = 4; left > 1; --left)
    std::swap(view.colours.order[left - 1], view.colours.order[static_cast<std::size_t>(one_of_first(static_cast<int64_t>(left), rng.uniform()))]);
  return view;
}

void show(const Image& photo, const View& view, image::Border border, const Preprocess& preprocess, std::span<uint8_t> row) {
  std::vector<uint8_t> colour(preprocess.grey ? row.size() * 3 : 0);
  const std::span<uint8_t> rgb = preprocess.grey ? std::span(colour) : row;
  if (view.turn) cut_turned(photo, view, border, preprocess.filter, rgb);
  else cut(photo, view.part, border, preprocess.filter, rgb);
  if (view.colours.any()) image::jitter(rgb, view.colours);
  for (std::size_t i = 0; i < colour.size() / 3; ++i) row[i] = image::luma(&colour[3 * i]);
}

void augment(const Image& photo, const Augment& augment, const Preprocess& preprocess, Rng& rng, std::span<uint8_t> row) {
  const View view = draw_view(augment, preprocess, photo.width, photo.height, rng);
  if (!augment.any()) return preprocess(photo, row);
  show(photo, view, augment.border, preprocess, row);
}

int enough_side(const Augment& augment, const Preprocess& preprocess) {
  if (!augment.any()) return 0;
  constexpr double kMostMagnified = 4;
  const double shown = augment.crop_scale ? preprocess.crop / std::sqrt(augment.crop_scale->low) : preprocess.resize;
  const double zoom = augment.moves() ? std::max(1.0, augment.zoom.high) : 1;
  return static_cast<int>(std::ceil(std::min(shown * zoom, kMostMagnified * std::max(preprocess.crop, preprocess.resize))));
}

}  // namespace graft::data

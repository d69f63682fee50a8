#include "graft/image/transform.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <vector>

namespace graft::image {
namespace {

double radians(double degrees) { return degrees * std::numbers::pi / 180; }

// Coordinates with 32 bits behind the point; steps added along the longest row stay within 2^-16 of a pixel.
constexpr int kPoint = 32;
int64_t fixed(double x) { return std::llround(x * static_cast<double>(int64_t{1} << kPoint)); }

// Weights of two neighbours have 11 bits, so that a pixel times two of them fits 32.
constexpr unsigned kOne = 1U << 11;
unsigned weight(int64_t coordinate) { return static_cast<unsigned>(coordinate >> (kPoint - 11)) & (kOne - 1); }

struct Neighbours {
  const uint8_t *top_left, *top_right, *bottom_left, *bottom_right;
};

// Rounded down, as Pillow has it.
inline void blend(const Neighbours& at, unsigned right, unsigned bottom, uint8_t* out) {
  for (int c = 0; c < 3; ++c) {
    const unsigned top_row = at.top_left[c] * (kOne - right) + at.top_right[c] * right;
    const unsigned bottom_row = at.bottom_left[c] * (kOne - right) + at.bottom_right[c] * right;
    out[c] = static_cast<uint8_t>((top_row * (kOne - bottom) + bottom_row * bottom) >> 22);
  }
}

/// What a pixel near or beyond the edge shows.
void beyond(const Image& image, int64_t x, int64_t y, Border border, Rgb fill, uint8_t* out) {
  constexpr int64_t kHalf = int64_t{1} << (kPoint - 1);
  if (border == Border::constant) {
    // Pillow's way: the edge of an image is that of its outermost pixels, with no mixing.
    if (x < -kHalf || y < -kHalf || x + kHalf >= int64_t{image.width} << kPoint || y + kHalf >= int64_t{image.height} << kPoint)
      return std::ranges::copy_n(fill.begin(), 3, out), void();
    border = Border::edge;
  }
  const int64_t left = border_index(x >> kPoint, image.width, border), right = border_index((x >> kPoint) + 1, image.width, border);
  const int64_t top = border_index(y >> kPoint, image.height, border), bottom = border_index((y >> kPoint) + 1, image.height, border);
  const auto pixel = [&](int64_t column, int64_t row) { return image.pixels.data() + (row * image.width + column) * 3; };
  blend({pixel(left, top), pixel(right, top), pixel(left, bottom), pixel(right, bottom)}, weight(x), weight(y), out);
}

/// What one pixel shows of a place in the image.
struct Sampler {
  const Image& image;
  Border border;
  Rgb fill;
  size_t stride = static_cast<size_t>(image.width) * 3;
  uint64_t inner_width = static_cast<uint64_t>(image.width - 1) << kPoint, inner_height = static_cast<uint64_t>(image.height - 1) << kPoint;

  void operator()(int64_t x, int64_t y, uint8_t* to) const {
    // As unsigned numbers, what lies left of or above the first pixel is very large.
    if (static_cast<uint64_t>(x) < inner_width && static_cast<uint64_t>(y) < inner_height) {
      const uint8_t* at = image.pixels.data() + static_cast<size_t>(y >> kPoint) * stride + static_cast<size_t>(x >> kPoint) * 3;
      blend({at, at + 3, at + stride, at + stride + 3}, weight(x), weight(y), to);
    } else {
      beyond(image, x, y, border, fill, to);
    }
  }
};

/// The solution of 8 linear equations, rows of 8 coefficients and a right side; none where they do not say it. Gauss with pivots.
std::optional<std::array<double, 8>> solved(std::array<std::array<double, 9>, 8> rows) {
  for (size_t i = 0; i < 8; ++i) {
    size_t pivot = i;
    for (size_t row = i + 1; row < 8; ++row)
      if (std::abs(rows[row][i]) > std::abs(rows[pivot][i])) pivot = row;
    if (std::abs(rows[pivot][i]) < 1e-9) return std::nullopt;
    std::swap(rows[i], rows[pivot]);
    for (size_t row = 0; row < 8; ++row) {
      if (row == i) continue;
      const double factor = rows[row][i] / rows[i][i];
      for (size_t column = i; column < 9; ++column) rows[row][column] -= factor * rows[i][column];
    }
  }
  std::array<double, 8> solution{};
  for (size_t i = 0; i < 8; ++i) solution[i] = rows[i][8] / rows[i][i];
  return solution;
}

}  // namespace

int64_t border_index(int64_t index, int64_t size, Border border) {
  if (index >= 0 && index < size) return index;
  if (border == Border::constant) return -1;
  if (border == Border::edge) return std::clamp<int64_t>(index, 0, size - 1);
  const auto modulo = [&](int64_t period) { return (index % period + period) % period; };
  if (border == Border::wrap) return modulo(size);
  if (border == Border::symmetric) return std::min(modulo(2 * size), 2 * size - 1 - modulo(2 * size));
  const int64_t period = std::max<int64_t>(2 * (size - 1), 1), place = modulo(period);
  return size == 1 ? 0 : std::min(place, period - place);
}

void flip_horizontal(std::span<uint8_t> rgb, int width) {
  const auto stride = static_cast<size_t>(width) * 3;
  for (size_t row = 0; row < rgb.size(); row += stride)
    for (size_t left = row, right = row + stride - 3; left < right; left += 3, right -= 3) std::swap_ranges(&rgb[left], &rgb[left] + 3, &rgb[right]);
}

void flip_vertical(std::span<uint8_t> rgb, int width) {
  const auto stride = static_cast<size_t>(width) * 3;
  for (size_t top = 0, bottom = rgb.size() - stride; top < bottom; top += stride, bottom -= stride)
    std::swap_ranges(&rgb[top], &rgb[top] + stride, &rgb[bottom]);
}

Image pad(const Image& image, const Margins& margins, Border border, Rgb fill) {
  const int width = image.width + margins.left + margins.right, height = image.height + margins.top + margins.bottom;
  Image result{width, height, std::vector<uint8_t>(static_cast<size_t>(width) * static_cast<size_t>(height) * 3)};
  uint8_t* out = result.pixels.data();
  for (int y = 0; y < height; ++y) {
    const int64_t row = border_index(y - margins.top, image.height, border);
    for (int x = 0; x < width; ++x, out += 3) {
      const int64_t column = border_index(x - margins.left, image.width, border);
      std::memcpy(out, row < 0 || column < 0 ? fill.data() : &image.pixels[static_cast<size_t>((row * image.width + column) * 3)], 3);
    }
  }
  return result;
}

Matrix composed(const Matrix& first, const Matrix& then) {
  return {then.a * first.a + then.b * first.d, then.a * first.b + then.b * first.e, then.a * first.c + then.b * first.f + then.c,
          then.d * first.a + then.e * first.d, then.d * first.b + then.e * first.e, then.d * first.c + then.e * first.f + then.f};
}

Matrix inverse_matrix(const Turn& turn, double width, double height) {
  // The map forwards: shear along x, then y, then the rotation, about the centre; then the shift. Here its inverse, last step first.
  const double angle = radians(turn.angle), tan_x = std::tan(radians(turn.shear_x)), tan_y = std::tan(radians(turn.shear_y));
  const double cos = std::cos(angle) / turn.scale, sin = std::sin(angle) / turn.scale;
  const Matrix to_centre{1, 0, -width / 2 - turn.translate_x, 0, 1, -height / 2 - turn.translate_y};
  const Matrix back{cos, sin, 0, -sin, cos, 0}, along_x{1, tan_x, 0, 0, 1, 0}, along_y{1, 0, 0, tan_y, 1, 0};
  const Matrix from_centre{1, 0, width / 2, 0, 1, height / 2};
  return composed(composed(composed(composed(to_centre, back), along_y), along_x), from_centre);
}

Image affine(const Image& image, const Turn& turn, Border border, Rgb fill) {
  Image result{image.width, image.height, std::vector<uint8_t>(image.pixels.size())};
  transform(image, inverse_matrix(turn, image.width, image.height), image.width, image.height, border, fill, result.pixels);
  return result;
}

void transform(const Image& image, const Matrix& to_image, int width, int height, Border border, Rgb fill, std::span<uint8_t> out) {
  const Matrix& m = to_image;
  const Sampler sample{image, border, fill};
  const int64_t step_x = fixed(m.a), step_y = fixed(m.d);
  uint8_t* to = out.data();
  for (int row = 0; row < height; ++row) {
    int64_t x = fixed(m.a / 2 + m.b * (row + 0.5) + m.c - 0.5), y = fixed(m.d / 2 + m.e * (row + 0.5) + m.f - 0.5);
    for (int column = 0; column < width; ++column, to += 3, x += step_x, y += step_y) sample(x, y, to);
  }
}

Projection composed(const Projection& first, const Matrix& then) {
  const Matrix& m = first.over;
  return {{then.a * m.a + then.b * m.d + then.c * first.g, then.a * m.b + then.b * m.e + then.c * first.h, then.a * m.c + then.b * m.f + then.c,
           then.d * m.a + then.e * m.d + then.f * first.g, then.d * m.b + then.e * m.e + then.f * first.h, then.d * m.c + then.e * m.f + then.f},
          first.g,
          first.h};
}

double depth(const Projection& projection, Point point) { return projection.g * point.x + projection.h * point.y + 1; }

Point at(const Projection& projection, Point point) {
  constexpr double kFar = 1 << 28, kHorizon = 1e-9;
  const Matrix& m = projection.over;
  const double exact = depth(projection, point), by = std::abs(exact) < kHorizon ? kHorizon : exact;
  return {std::clamp((m.a * point.x + m.b * point.y + m.c) / by, -kFar, kFar), std::clamp((m.d * point.x + m.e * point.y + m.f) / by, -kFar, kFar)};
}

std::optional<Projection> perspective_map(const Corners& start, const Corners& end) {
  std::array<std::array<double, 9>, 8> rows;
  for (size_t i = 0; i < 4; ++i) {
    const auto [x, y] = end[i];
    rows[2 * i] = {x, y, 1, 0, 0, 0, -start[i].x * x, -start[i].x * y, start[i].x};
    rows[2 * i + 1] = {0, 0, 0, x, y, 1, -start[i].y * x, -start[i].y * y, start[i].y};
  }
  const std::optional<std::array<double, 8>> solution = solved(rows);
  if (!solution) return std::nullopt;
  std::array<double, 8> rounded;
  for (size_t i = 0; i < 8; ++i) rounded[i] = static_cast<float>((*solution)[i]);
  return Projection{{rounded[0], rounded[1], rounded[2], rounded[3], rounded[4], rounded[5]}, rounded[6], rounded[7]};
}

Image perspective(const Image& image, const Corners& start, const Corners& end, Border border, Rgb fill) {
  const std::optional<Projection> map = perspective_map(start, end);
  if (!map) return image;
  Image result{image.width, image.height, std::vector<uint8_t>(image.pixels.size())};
  transform(image, *map, image.width, image.height, border, fill, result.pixels);
  return result;
}

void transform(const Image& image, const Projection& to_image, int width, int height, Border border, Rgb fill, std::span<uint8_t> out) {
  constexpr auto kScale = static_cast<double>(int64_t{1} << kPoint);
  const Sampler sample{image, border, fill};
  uint8_t* to = out.data();
  for (int row = 0; row < height; ++row)
    for (int column = 0; column < width; ++column, to += 3) {
      const auto [x, y] = at(to_image, {column + 0.5, row + 0.5});
      sample(static_cast<int64_t>((x - 0.5) * kScale), static_cast<int64_t>((y - 0.5) * kScale), to);
    }
}

}  // namespace graft::image

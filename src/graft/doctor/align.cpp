#include "graft/doctor/align.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "graft/image/colour.h"
#include "graft/image/resize.h"

namespace graft::doctor {
namespace {

constexpr double kLeastScale = 0.75, kMostShift = 0.2;
constexpr std::size_t kUnknowns = 4;
using Vector = std::array<double, kUnknowns>;
using Square = std::array<Vector, kUnknowns>;

/// a x = b for a symmetric, positive a (Cholesky); false where it is not.
bool solve(Square a, Vector b, Vector& x) {
  for (std::size_t i = 0; i < kUnknowns; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = a[i][j];
      for (std::size_t k = 0; k < j; ++k) sum -= a[i][k] * a[j][k];
      if (i == j && !(sum > 1e-12)) return false;
      a[i][j] = i == j ? std::sqrt(sum) : sum / a[j][j];
    }
  }
  for (std::size_t i = 0; i < kUnknowns; ++i) {
    for (std::size_t k = 0; k < i; ++k) b[i] -= a[i][k] * b[k];
    b[i] /= a[i][i];
  }
  for (std::size_t i = kUnknowns; i-- > 0;) {
    for (std::size_t k = i + 1; k < kUnknowns; ++k) b[i] -= a[k][i] * b[k];
    b[i] /= a[i][i];
  }
  x = b;
  return true;
}

/// Pixels from the first where the axis is in the picture: place[i] of pixel i, by whole pixel and the part of the next one.
struct Axis {
  std::vector<int> first;  // -1: outside
  std::vector<float> part;
};

Axis axis(int side, int of_side, double scale, double shift) {
  Axis result;
  for (int i = 0; i < side; ++i) {
    const double centre = (i + 0.5) / side - 0.5, place = (scale * centre + shift + 0.5) * of_side - 0.5;
    const double clamped = std::clamp(place, 0.0, of_side - 1.0);
    const bool outside = std::abs(place - clamped) > 0.5;  // beyond the edge, not only beyond the centre of the last pixel
    const int whole = std::min(static_cast<int>(clamped), of_side - 2);
    result.first.push_back(outside ? -1 : whole);
    result.part.push_back(static_cast<float>(clamped - whole));
  }
  return result;
}

struct Sums {
  double n = 0, still = 0, moving = 0, still2 = 0, moving2 = 0, both = 0;
  Vector slope{}, slope_still{}, slope_moving{};
  Square slopes{};
};

/// Sums over the pixels that both have, of the values and of the slopes of `moving` by each unknown.
Sums sums_at(const Plane& still, const Plane& moving, const Frame& frame) {
  const Axis across = axis(still.side, moving.side, frame.scale_x, frame.shift_x), down = axis(still.side, moving.side, frame.scale_y, frame.shift_y);
  Sums sums;
  const auto side = static_cast<std::size_t>(still.side), stride = static_cast<std::size_t>(moving.side);
  const auto scale = static_cast<float>(moving.side);
  for (std::size_t y = 0; y < side; ++y) {
    if (down.first[y] < 0) continue;
    const float* above = moving.values.data() + static_cast<std::size_t>(down.first[y]) * stride;
    const float v = down.part[y], place_y = (static_cast<float>(y) + 0.5F) / static_cast<float>(side) - 0.5F;
    std::array<float, 20> row{};  // of float: a row is short
    for (std::size_t x = 0; x < side; ++x) {
      if (across.first[x] < 0) continue;
      const float *p = above + across.first[x], *q = p + stride;
      const float u = across.part[x], place_x = (static_cast<float>(x) + 0.5F) / static_cast<float>(side) - 0.5F;
      const float left = p[0] + v * (q[0] - p[0]), right = p[1] + v * (q[1] - p[1]);
      const float m = left + u * (right - left), s = still.values[y * side + x];
      const float dx = scale * (right - left), dy = scale * ((q[0] - p[0]) + u * ((q[1] - p[1]) - (q[0] - p[0])));
      const std::array<float, 3> terms{dx * place_x, dx, dy};  // the fourth, dy * place_y, is the same times a number of the row
      row[0] += 1, row[1] += s, row[2] += m, row[3] += s * s, row[4] += m * m, row[5] += s * m;
      for (std::size_t i = 0; i < 3; ++i) {
        row[6 + i] += terms[i];
        row[9 + i] += terms[i] * s;
        row[12 + i] += terms[i] * m;
      }
      row[15] += terms[0] * terms[0], row[16] += terms[0] * dx, row[17] += terms[0] * dy, row[18] += dx * dx, row[19] += dx * dy;
      sums.slopes[3][3] += static_cast<double>(dy * dy);
      sums.slopes[2][2] += static_cast<double>(dy * dy * place_y * place_y);
      sums.slopes[3][2] += static_cast<double>(dy * dy * place_y);
    }
    const auto d = [&](std::size_t i) { return static_cast<double>(row[i]); };
    const auto py = static_cast<double>(place_y);
    sums.n += d(0), sums.still += d(1), sums.moving += d(2), sums.still2 += d(3), sums.moving2 += d(4), sums.both += d(5);
    for (const auto& [to, from] :
         {std::pair(&sums.slope, std::size_t{6}), {&sums.slope_still, std::size_t{9}}, {&sums.slope_moving, std::size_t{12}}}) {
      (*to)[0] += d(from), (*to)[1] += d(from + 1), (*to)[2] += py * d(from + 2), (*to)[3] += d(from + 2);
    }
    sums.slopes[0][0] += d(15), sums.slopes[1][0] += d(16), sums.slopes[2][0] += py * d(17), sums.slopes[3][0] += d(17);
    sums.slopes[1][1] += d(18), sums.slopes[2][1] += py * d(19), sums.slopes[3][1] += d(19);
  }
  return sums;
}

/// One step of Gauss-Newton: slopes without their mean and without what only changes the contrast.
bool step(const Sums& s, Frame& frame) {
  const double moving2 = s.moving2 - s.moving * s.moving / s.n, still2 = s.still2 - s.still * s.still / s.n;
  const double both = s.both - s.still * s.moving / s.n;
  if (s.n < 16 || moving2 <= 1e-6 * s.n || still2 <= 1e-6 * s.n || both <= 0) return false;
  const double gain = both / still2;  // of `still`, to be as strong as `moving`
  Vector along{}, wanted{}, change{};
  Square square{};
  for (std::size_t i = 0; i < kUnknowns; ++i) {
    along[i] = s.slope_moving[i] - s.slope[i] * s.moving / s.n;
    const double with_still = s.slope_still[i] - s.slope[i] * s.still / s.n;
    wanted[i] = gain * with_still - along[i] * gain * both / moving2;
  }
  for (std::size_t i = 0; i < kUnknowns; ++i)
    for (std::size_t j = 0; j <= i; ++j) square[i][j] = s.slopes[i][j] - s.slope[i] * s.slope[j] / s.n - along[i] * along[j] / moving2;
  for (std::size_t i = 0; i < kUnknowns; ++i) square[i][i] *= 1 + 1e-4;
  if (!solve(square, wanted, change)) return false;
  const auto scale = [](double value) { return std::clamp(value, kLeastScale, 1 / kLeastScale); };
  const auto shift = [](double value) { return std::clamp(value, -kMostShift, kMostShift); };
  frame = {scale(frame.scale_x + change[0]), shift(frame.shift_x + change[1]), scale(frame.scale_y + change[2]), shift(frame.shift_y + change[3])};
  return true;
}

}  // namespace

Plane plane_of(const image::Image& image, int side) {
  const image::Image square = image::resize(image, side, side, image::Filter::bilinear);
  Plane plane{side};
  for (std::size_t i = 0; i < square.pixels.size(); i += 3) plane.values.push_back(static_cast<float>(image::luma(square.pixels.data() + i)));
  return plane;
}

Plane plane_of(std::span<const uint8_t> luma, int side) { return {side, std::vector<float>(luma.begin(), luma.end())}; }

Plane laid(const Plane& plane, const Symmetry& symmetry) {
  Plane result{plane.side};
  for (int y = 0; y < plane.side; ++y)
    for (int x = 0; x < plane.side; ++x) {
      const auto [from_x, from_y] = symmetry.from(x, y, plane.side);
      result.values.push_back(plane.at(from_x, from_y));
    }
  return result;
}

Plane halved(const Plane& plane) {
  Plane half{plane.side / 2};
  for (int y = 0; y < half.side; ++y)
    for (int x = 0; x < half.side; ++x)
      half.values.push_back((plane.at(2 * x, 2 * y) + plane.at(2 * x + 1, 2 * y) + plane.at(2 * x, 2 * y + 1) + plane.at(2 * x + 1, 2 * y + 1)) / 4);
  return half;
}

Plane smooth(const Plane& plane) {
  constexpr std::array<float, 5> kBinomial{1.0F / 16, 4.0F / 16, 6.0F / 16, 4.0F / 16, 1.0F / 16};
  const int last = plane.side - 1;
  Plane across{plane.side, std::vector<float>(plane.values.size())}, result = across;
  for (int y = 0; y <= last; ++y)
    for (int x = 0; x <= last; ++x)
      for (int k = -2; k <= 2; ++k)
        across.values[static_cast<std::size_t>(y * plane.side + x)] +=
            kBinomial[static_cast<std::size_t>(k + 2)] * plane.at(std::clamp(x + k, 0, last), y);
  for (int y = 0; y <= last; ++y)
    for (int k = -2; k <= 2; ++k) {
      const float* from = across.values.data() + static_cast<std::size_t>(std::clamp(y + k, 0, last) * plane.side);
      for (int x = 0; x <= last; ++x)
        result.values[static_cast<std::size_t>(y * plane.side + x)] += kBinomial[static_cast<std::size_t>(k + 2)] * from[x];
    }
  return result;
}

Frame align(const Plane& still, const Plane& moving, const Frame& start, int steps) {
  Frame frame = start, best = start;
  double highest = -1;
  for (int i = 0; i <= steps; ++i) {
    const Sums s = sums_at(still, moving, frame);
    const double spread = (s.still2 - s.still * s.still / s.n) * (s.moving2 - s.moving * s.moving / s.n);
    const double now = s.n > 0 && spread > 0 ? (s.both - s.still * s.moving / s.n) / std::sqrt(spread) : -1;
    if (now > highest) {
      if (now < highest + 1e-4 && i > 1) return frame;
      highest = now;
      best = frame;
    } else if (i > 2) {
      break;
    }
    if (i == steps || !step(s, frame)) break;
  }
  return best;
}

Plane moved(const Plane& moving, const Frame& frame) {
  const Axis across = axis(moving.side, moving.side, frame.scale_x, frame.shift_x),
             down = axis(moving.side, moving.side, frame.scale_y, frame.shift_y);
  Plane result{moving.side, std::vector<float>(moving.values.size(), std::numeric_limits<float>::quiet_NaN())};
  const auto side = static_cast<std::size_t>(moving.side);
  for (std::size_t y = 0; y < side; ++y)
    for (std::size_t x = 0; x < side; ++x) {
      if (down.first[y] < 0 || across.first[x] < 0) continue;
      const float *p = moving.values.data() + static_cast<std::size_t>(down.first[y]) * side + across.first[x], *q = p + side;
      const float left = p[0] + down.part[y] * (q[0] - p[0]), right = p[1] + down.part[y] * (q[1] - p[1]);
      result.values[y * side + x] = left + across.part[x] * (right - left);
    }
  return result;
}

double correlation(const Plane& a, const Plane& b) {
  double n = 0, sum_a = 0, sum_b = 0, a2 = 0, b2 = 0, ab = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    const double x = a.values[i], y = b.values[i];
    if (std::isnan(x) || std::isnan(y)) continue;
    ++n, sum_a += x, sum_b += y, a2 += x * x, b2 += y * y, ab += x * y;
  }
  const double spread = n > 0 ? (a2 - sum_a * sum_a / n) * (b2 - sum_b * sum_b / n) : 0;
  return spread > 1e-6 * n * n ? (ab - sum_a * sum_b / n) / std::sqrt(spread) : 0;
}

}  // namespace graft::doctor

#include "graft/image/windows.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace graft::image {
namespace {

double bilinear(double x) {
  x = std::fabs(x);
  return x < 1 ? 1 - x : 0;
}

}  // namespace

double bicubic(double x) {
  constexpr double a = -0.5;
  x = std::fabs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

// The order of every operation is Pillow's precompute_coeffs, for the same rounding.
Windows::Windows(int in, int64_t out, int64_t from, int count, Filter filter) : identity_(in == out), from_(static_cast<int>(from)) {
  const auto kernel = filter == Filter::bilinear ? bilinear : bicubic;
  const double scale = static_cast<double>(in) / static_cast<double>(out), stretch = std::max(scale, 1.0), shrink = 1.0 / stretch;
  const double support = (filter == Filter::bilinear ? 1.0 : 2.0) * stretch;
  const auto span_of = [&](double center) {
    const int begin = std::max(static_cast<int>(center - support + 0.5), 0), end = std::min(static_cast<int>(center + support + 0.5), in);
    return std::pair(begin, end);
  };
  for (int i = 0; i < count; ++i) {
    const auto [begin, end] = span_of((static_cast<double>(from + i) + 0.5) * scale);
    first_.push_back(begin);
    taps_ = std::max(taps_, end - begin);
    end_ = std::max(end_, end);
  }
  taps_ += taps_ % 2;

  const auto taps = static_cast<size_t>(taps_);
  halves_.resize(static_cast<size_t>(count) * taps * 2);
  std::vector<double> values(taps);
  for (int i = 0; i < count; ++i) {
    const double center = (static_cast<double>(from + i) + 0.5) * scale;
    const auto [begin, end] = span_of(center);
    const auto size = static_cast<size_t>(end - begin);
    double sum = 0;
    for (size_t k = 0; k < size; ++k) sum += values[k] = kernel((static_cast<double>(k) + begin - center + 0.5) * shrink);
    for (size_t k = 0; k < size; ++k) {
      const double share = sum != 0 ? values[k] / sum : values[k], fixed = share * (1 << kPrecision);
      const auto weight = static_cast<int32_t>(fixed < 0 ? fixed - 0.5 : fixed + 0.5);
      int16_t* pair = &halves_[(static_cast<size_t>(i) * taps + k / 2 * 2) * 2 + k % 2];
      pair[0] = static_cast<int16_t>(weight & ((1 << kLowBits) - 1));
      pair[2] = static_cast<int16_t>(weight >> kLowBits);
    }
  }
}

void Windows::mirror() {
  std::ranges::reverse(first_);
  const ptrdiff_t length = ptrdiff_t{taps_} * 2;
  for (auto low = halves_.begin(), high = halves_.end(); high - low >= 2 * length; low += length) {
    high -= length;
    std::swap_ranges(low, low + length, high);
  }
}

}  // namespace graft::image

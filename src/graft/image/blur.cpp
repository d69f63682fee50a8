#include "graft/image/blur.h"

#include <cmath>
#include <vector>

#include "graft/image/colour.h"
#include "graft/image/transform.h"

namespace graft::image {
namespace {

/// The normalised weights of -radius ... radius.
std::vector<float> gaussian(int radius, double sigma) {
  std::vector<float> weights;
  float sum = 0;
  for (int i = -radius; i <= radius; ++i) sum += weights.emplace_back(static_cast<float>(std::exp(-0.5 * (i / sigma) * (i / sigma))));
  for (float& weight : weights) weight /= sum;
  return weights;
}

/// out += weight * in, of `count` values.
void add(float* out, const float* in, size_t count, float weight) {
  for (size_t i = 0; i < count; ++i) out[i] += weight * in[i];
}

/// One row and what is reflected on both sides of it.
void widen(const uint8_t* row, int width, int radius, float* out) {
  for (int x = -radius; x < width + radius; ++x) {
    const uint8_t* pixel = row + border_index(x, width, Border::reflect) * 3;
    for (int c = 0; c < 3; ++c) *out++ = pixel[c];
  }
}

}  // namespace

void gaussian_blur(std::span<uint8_t> rgb, int width, int kernel, double sigma) {
  if (rgb.empty()) return;
  const int radius = kernel / 2;
  const std::vector<float> weights = gaussian(radius, sigma);
  const auto stride = static_cast<size_t>(width) * 3, height = rgb.size() / stride;
  std::vector<float> across(rgb.size(), 0.0F), line(stride + static_cast<size_t>(radius) * 6);
  for (size_t y = 0; y < height; ++y) {
    widen(&rgb[y * stride], width, radius, line.data());
    for (size_t tap = 0; tap < weights.size(); ++tap) add(&across[y * stride], &line[tap * 3], stride, weights[tap]);
  }
  for (size_t y = 0; y < height; ++y) {
    std::fill_n(line.begin(), stride, 0.5F);  // so that cutting off rounds
    for (size_t tap = 0; tap < weights.size(); ++tap) {
      const int64_t from = border_index(static_cast<int64_t>(y + tap) - radius, static_cast<int64_t>(height), Border::reflect);
      add(line.data(), &across[static_cast<size_t>(from) * stride], stride, weights[tap]);
    }
    for (size_t i = 0; i < stride; ++i) rgb[y * stride + i] = static_cast<uint8_t>(std::min(line[i], 255.0F));
  }
}

void adjust_sharpness(std::span<uint8_t> rgb, int width, double factor) {
  const auto stride = static_cast<size_t>(width) * 3;
  if (factor == 1 || width < 3 || rgb.size() < 3 * stride) return;
  const std::vector<uint8_t> before(rgb.begin(), rgb.end());
  for (size_t row = stride; row + stride < rgb.size(); row += stride)
    for (size_t i = row + 3; i < row + stride - 3; ++i) {
      const uint8_t *above = &before[i - stride], *here = &before[i], *below = here + stride;
      const int around = above[-3] + above[0] + above[3] + here[-3] + here[3] + below[-3] + below[0] + below[3];
      const int smooth = (around + 5 * here[0] + 6) / 13;
      rgb[i] = blend(smooth, here[0], static_cast<float>(factor));
    }
}

}  // namespace graft::image

#include "graft/doctor/low_frequencies.h"

#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>
#include <vector>

namespace graft::doctor {
namespace {

constexpr float kFlat = 1;  // levels of grey, root mean square over the frequencies

std::size_t at(int u, int v) { return static_cast<std::size_t>(v * kFrequencies + u); }

/// (frequencies, side): row k is the k-th cosine, of length 1.
std::vector<float> cosines(int side) {
  std::vector<float> table;
  for (int k = 0; k < kFrequencies; ++k)
    for (int x = 0; x < side; ++x)
      table.push_back(static_cast<float>(std::sqrt((k == 0 ? 1.0 : 2.0) / side) * std::cos(std::numbers::pi * (x + 0.5) * k / side)));
  return table;
}

}  // namespace

LowFrequencies low_frequencies(std::span<const uint8_t> small, int side) {
  const std::vector<float> cosine = cosines(side);
  const auto n = static_cast<std::size_t>(side);
  LowFrequencies low;
  std::vector<float> across(n);
  for (int u = 0; u < kFrequencies; ++u) {
    const float* of_u = cosine.data() + static_cast<std::size_t>(u) * n;
    for (std::size_t y = 0; y < n; ++y) {
      across[y] = 0;
      for (std::size_t x = 0; x < n; ++x) across[y] += of_u[x] * static_cast<float>(small[y * n + x]);
    }
    for (int v = 0; v < kFrequencies; ++v) {
      const float* of_v = cosine.data() + static_cast<std::size_t>(v) * n;
      low.values[at(u, v)] = std::inner_product(across.begin(), across.end(), of_v, 0.0F);
    }
  }
  low.values[0] = 0;
  float energy = 0, length = 0;
  for (int v = 0; v < kFrequencies; ++v)
    for (int u = 0; u < kFrequencies; ++u) {
      float& value = low.values[at(u, v)];
      energy += value * value;
      value *= std::hypot(static_cast<float>(u), static_cast<float>(v));
      length += value * value;
    }
  low.flat = std::sqrt(energy) < kFlat * static_cast<float>(side);
  for (float& value : low.values) value = low.flat ? 0 : value / std::sqrt(length);
  return low;
}

LowFrequencies laid(const LowFrequencies& of, const Symmetry& symmetry) {
  LowFrequencies result{.flat = of.flat};
  for (int v = 0; v < kFrequencies; ++v)
    for (int u = 0; u < kFrequencies; ++u) {
      const float value = symmetry.transposed ? of.values[at(v, u)] : of.values[at(u, v)];
      const bool turned = ((symmetry.mirrored ? u : 0) + (symmetry.upside_down ? v : 0)) % 2 != 0;
      result.values[at(u, v)] = turned ? -value : value;
    }
  return result;
}

float correlation(const LowFrequencies& a, const LowFrequencies& b) {
  return std::inner_product(a.values.begin(), a.values.end(), b.values.begin(), 0.0F);
}

std::array<float, kCoefficients> invariants(const LowFrequencies& of) {
  std::array<float, kCoefficients> result{};
  for (int v = 0; v < kFrequencies; ++v) {
    result[at(v, v)] = std::abs(of.values[at(v, v)]);
    for (int u = 0; u < v; ++u) {
      const float a = std::abs(of.values[at(u, v)]), b = std::abs(of.values[at(v, u)]);
      result[at(u, v)] = (a + b) * std::numbers::sqrt2_v<float> / 2;
      result[at(v, u)] = std::abs(a - b) * std::numbers::sqrt2_v<float> / 2;
    }
  }
  return result;
}

}  // namespace graft::doctor

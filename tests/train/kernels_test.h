// What the tests of the kernels share: values in either type, and comparison with sums in double.
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "graft/base/rng.h"
#include "graft/train/compute/kernels.h"

namespace graft::train {

inline constexpr float kNan = std::numeric_limits<float>::quiet_NaN(), kInfinity = std::numeric_limits<float>::infinity();

inline std::size_t at(Size i) { return static_cast<std::size_t>(i); }

inline float wide(float x) { return x; }
inline float wide(Bf16 x) { return std::bit_cast<float>(static_cast<uint32_t>(x.bits) << 16); }

/// For a bf16 the upper half: the tests choose values, it need not be the nearest.
template <class X>
X narrow(float x) {
  if constexpr (sizeof(X) == sizeof(float)) return x;
  else return Bf16{static_cast<uint16_t>(std::bit_cast<uint32_t>(x) >> 16)};
}

template <class X>
const KernelsOf<X>& kernels_of(const Kernels& set) {
  if constexpr (sizeof(X) == sizeof(float)) return set.single;
  else return set.half;
}

template <class X>
std::vector<X> random(Rng& rng, Size count, double low = -1, double high = 1) {
  std::vector<X> values(at(count));
  for (X& x : values) x = narrow<X>(static_cast<float>(low + (high - low) * rng.uniform()));
  return values;
}

/// Results to be: what a kernel leaves unwritten is NaN.
template <class X>
std::vector<X> blank(Size count) {
  return std::vector<X>(at(count), narrow<X>(kNan));
}

/// Sums in double, and the sums of the terms' sizes, which is what rounding errors are relative to.
struct Sums {
  std::vector<double> value, size;
  explicit Sums(Size count) : value(at(count)), size(at(count)) {}
  void add(Size i, double term) {
    value[at(i)] += term;
    size[at(i)] += std::abs(term);
  }
};

/// float32: 1e-5 of the sizes of the terms. bf16: half a unit in the last of its 8 bits more.
template <class X>
void expect_near(std::span<const X> got, const Sums& want, const std::string& what) {
  ASSERT_EQ(got.size(), want.value.size()) << what;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double bound = 1e-5 * want.size[i] + (sizeof(X) == sizeof(Bf16) ? 0x1p-8 * std::abs(want.value[i]) : 0) + 1e-37;
    ASSERT_LE(std::abs(static_cast<double>(wide(got[i])) - want.value[i]), bound)
        << what << ", element " << i << ": " << wide(got[i]) << ", expected " << want.value[i];
  }
}
template <class X>
void expect_near(const std::vector<X>& got, const Sums& want, const std::string& what) {
  expect_near(std::span<const X>(got), want, what);
}

template <class X>
bool same_bits(const std::vector<X>& a, const std::vector<X>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(X)) == 0;
}

}  // namespace graft::train

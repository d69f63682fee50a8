// The two inner loops of a resize, once in plain C++ and once for AVX2; both give the same bits. Plain types only: the AVX2 source may
// include nothing whose inline functions the linker could then pick for a processor without AVX2.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace graft::image {

inline constexpr int kPrecision = 22;  // bits behind the point of a weight
inline constexpr int kLowBits = 15;    // of a weight in its low half, so that both halves and a pixel fit 16-bit multiply-adds

/// `count` windows of `taps` weights (even; zeros fill up). Sums are taken modulo 2^32, so the halves may be summed apart.
struct Weights {
  int count, taps;
  const int32_t* first;   // count: the first input of each window
  const int16_t* halves;  // count x taps/2 x {low of even tap, low of odd tap, high of even tap, high of odd tap}
};

/// What `across` reads behind the start of its last window, in bytes.
constexpr size_t reach_across(int taps) { return static_cast<size_t>(taps - 2) * 3 + 16; }

struct Resampler {
  /// Four rows at once: out[r] (count x 3) from in[r], of which reach_across() bytes from every window's first pixel must be readable.
  /// The four may be the same; only then may outputs overlap.
  void (*across)(const uint8_t* const in[4], uint8_t* const out[4], const Weights& weights);
  /// One row of `size` bytes: window `index` over the rows in[0 ... taps - 1].
  void (*down)(const uint8_t* const* in, uint8_t* out, size_t size, const Weights& weights, int index);
};

extern const Resampler kScalarResampler;
#ifdef __x86_64__
extern const Resampler kAvx2Resampler;
#endif

/// The fastest one this processor can run.
const Resampler& resampler();

}  // namespace graft::image

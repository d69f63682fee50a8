#include "graft/image/resample.h"

#include <algorithm>

#include "graft/base/isa.h"

namespace graft::image {
namespace {

constexpr uint32_t kHalf = 1u << (kPrecision - 1);

// Unsigned, because Pillow's int32 sums wrap where a huge window overflows them and ours must do the same, defined.
uint32_t weight(const Weights& weights, int index, int tap) {
  const int16_t* pair = weights.halves + (static_cast<ptrdiff_t>(index) * weights.taps + tap / 2 * 2) * 2 + tap % 2;
  return (static_cast<uint32_t>(pair[2]) << kLowBits) + static_cast<uint32_t>(pair[0]);
}

uint8_t rounded(uint32_t sum) { return static_cast<uint8_t>(std::clamp(static_cast<int32_t>(sum) >> kPrecision, 0, 255)); }

void across(const uint8_t* const in[4], uint8_t* const out[4], const Weights& weights) {
  for (int x = 0; x < weights.count; ++x)
    for (int r = 0; r < 4; ++r) {
      const uint8_t* pixel = in[r] + static_cast<ptrdiff_t>(weights.first[x]) * 3;
      uint32_t sum[3] = {kHalf, kHalf, kHalf};
      for (int k = 0; k < weights.taps; ++k, pixel += 3)
        for (int c = 0; c < 3; ++c) sum[c] += pixel[c] * weight(weights, x, k);
      for (int c = 0; c < 3; ++c) out[r][3 * x + c] = rounded(sum[c]);
    }
}

void down(const uint8_t* const* in, uint8_t* out, size_t size, const Weights& weights, int index) {
  for (size_t i = 0; i < size; ++i) {
    uint32_t sum = kHalf;
    for (int k = 0; k < weights.taps; ++k) sum += in[k][i] * weight(weights, index, k);
    out[i] = rounded(sum);
  }
}

}  // namespace

const Resampler kScalarResampler{across, down};

const Resampler& resampler() {
#ifdef __x86_64__
  static const Resampler& chosen = best_isa() >= Isa::avx2 ? kAvx2Resampler : kScalarResampler;
  return chosen;
#else
  return kScalarResampler;
#endif
}

}  // namespace graft::image

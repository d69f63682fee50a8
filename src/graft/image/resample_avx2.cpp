// Compiled with -mavx2. Two taps at a time: pmaddwd multiplies 16-bit pairs (pixel of an even tap, pixel of an odd tap) with the low halves
// and with the high halves of their weights; low + (high << 15) is the exact 32-bit sum.
#include <immintrin.h>

#include "graft/image/resample.h"

namespace graft::image {
namespace {

struct Pair {
  __m256i low, high;  // weights of two taps in every 32-bit lane
};

inline Pair load_pair(const int16_t* halves) {
  int32_t low, high;
  __builtin_memcpy(&low, halves, sizeof low);
  __builtin_memcpy(&high, halves + 2, sizeof high);
  return {_mm256_set1_epi32(low), _mm256_set1_epi32(high)};
}

struct Sum {
  __m256i low = _mm256_setzero_si256(), high = _mm256_setzero_si256();

  void add(__m256i pixels, const Pair& weights) {
    low = _mm256_add_epi32(low, _mm256_madd_epi16(pixels, weights.low));
    high = _mm256_add_epi32(high, _mm256_madd_epi16(pixels, weights.high));
  }
  __m256i rounded() const {
    const __m256i half = _mm256_set1_epi32(1 << (kPrecision - 1));
    return _mm256_srai_epi32(_mm256_add_epi32(_mm256_add_epi32(low, half), _mm256_slli_epi32(high, kLowBits)), kPrecision);
  }
};

inline __m256i load_two(const uint8_t* low, const uint8_t* high) {
  return _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(low))),
                                 _mm_loadu_si128(reinterpret_cast<const __m128i*>(high)), 1);
}

// In each 128-bit lane: r0 r1 g0 g1 b0 b1 of the two pixels at `byte`, widened to 16 bits.
inline __m256i pair_up(char byte) {
  const char b = byte;
  const __m128i lane = _mm_setr_epi8(b, -1, char(b + 3), -1, char(b + 1), -1, char(b + 4), -1, char(b + 2), -1, char(b + 5), -1, -1, -1, -1, -1);
  return _mm256_broadcastsi128_si256(lane);
}

void across(const uint8_t* const in[4], uint8_t* const out[4], const Weights& weights) {
  const __m256i taps01 = pair_up(0), taps23 = pair_up(6);
  const int16_t* halves = weights.halves;
  for (int x = 0; x < weights.count; ++x) {
    const ptrdiff_t start = static_cast<ptrdiff_t>(weights.first[x]) * 3;
    const uint8_t *row0 = in[0] + start, *row1 = in[1] + start, *row2 = in[2] + start, *row3 = in[3] + start;
    Sum rows01, rows23;
    ptrdiff_t at = 0;
    for (int k = 0; k + 4 <= weights.taps; k += 4, at += 12, halves += 8) {
      const Pair first = load_pair(halves), second = load_pair(halves + 4);
      const __m256i pixels01 = load_two(row0 + at, row1 + at), pixels23 = load_two(row2 + at, row3 + at);
      rows01.add(_mm256_shuffle_epi8(pixels01, taps01), first);
      rows23.add(_mm256_shuffle_epi8(pixels23, taps01), first);
      rows01.add(_mm256_shuffle_epi8(pixels01, taps23), second);
      rows23.add(_mm256_shuffle_epi8(pixels23, taps23), second);
    }
    if (weights.taps % 4 != 0) {
      const Pair last = load_pair(halves);
      halves += 4;
      rows01.add(_mm256_shuffle_epi8(load_two(row0 + at, row1 + at), taps01), last);
      rows23.add(_mm256_shuffle_epi8(load_two(row2 + at, row3 + at), taps01), last);
    }
    // 32-bit to saturated bytes; the low lane then begins with rows 0 and 2, the high lane with rows 1 and 3, 4 bytes each.
    const __m256i words = _mm256_packs_epi32(rows01.rounded(), rows23.rounded()), bytes = _mm256_packus_epi16(words, words);
    const uint64_t rows02 = static_cast<uint64_t>(_mm_cvtsi128_si64(_mm256_castsi256_si128(bytes)));
    const uint64_t rows13 = static_cast<uint64_t>(_mm_cvtsi128_si64(_mm256_extracti128_si256(bytes, 1)));
    const uint32_t pixel[4] = {static_cast<uint32_t>(rows02), static_cast<uint32_t>(rows13), static_cast<uint32_t>(rows02 >> 32),
                               static_cast<uint32_t>(rows13 >> 32)};
    if (x + 1 < weights.count)
      for (int r = 0; r < 4; ++r) __builtin_memcpy(out[r] + 3 * x, &pixel[r], 4);  // the fourth byte is overwritten by the next pixel
    else
      for (int r = 0; r < 4; ++r) __builtin_memcpy(out[r] + 3 * x, &pixel[r], 3);
  }
}

// 32 bytes of a row. Unpacking and packing both work within 128-bit lanes, so the order comes out right.
inline void down_block(const uint8_t* const* in, uint8_t* out, size_t at, const int16_t* halves, int taps) {
  const __m256i zero = _mm256_setzero_si256();
  Sum sum0, sum1, sum2, sum3;
  for (int k = 0; k < taps; k += 2) {
    const Pair pair = load_pair(halves + 2 * k);
    const __m256i even = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in[k] + at));
    const __m256i odd = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in[k + 1] + at));
    const __m256i low = _mm256_unpacklo_epi8(even, odd), high = _mm256_unpackhi_epi8(even, odd);
    sum0.add(_mm256_unpacklo_epi8(low, zero), pair);
    sum1.add(_mm256_unpackhi_epi8(low, zero), pair);
    sum2.add(_mm256_unpacklo_epi8(high, zero), pair);
    sum3.add(_mm256_unpackhi_epi8(high, zero), pair);
  }
  const __m256i low = _mm256_packs_epi32(sum0.rounded(), sum1.rounded()), high = _mm256_packs_epi32(sum2.rounded(), sum3.rounded());
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + at), _mm256_packus_epi16(low, high));
}

void down(const uint8_t* const* in, uint8_t* out, size_t size, const Weights& weights, int index) {
  constexpr size_t kBlock = 32;
  if (size < kBlock) return kScalarResampler.down(in, out, size, weights, index);
  const int16_t* halves = weights.halves + static_cast<ptrdiff_t>(index) * weights.taps * 2;
  for (size_t at = 0; at + kBlock <= size; at += kBlock) down_block(in, out, at, halves, weights.taps);
  if (size % kBlock != 0) down_block(in, out, size - kBlock, halves, weights.taps);  // overlaps the block before
}

}  // namespace

const Resampler kAvx2Resampler{across, down};

}  // namespace graft::image

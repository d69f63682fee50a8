#include "graft/weights/crc32.h"

#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <limits>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace graft::weights {
namespace {

/// zlib's, which takes at most 4 GiB a call; goes on from `crc`.
uint32_t crc32_zlib(uint32_t crc, Bytes bytes) {
  while (!bytes.empty()) {
    const std::size_t part = std::min<std::size_t>(bytes.size(), std::numeric_limits<uInt>::max());
    crc = static_cast<uint32_t>(::crc32(crc, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(part)));
    bytes = bytes.subspan(part);
  }
  return crc;
}

#if defined(__x86_64__)
__attribute__((target("pclmul"))) inline __m128i fold(__m128i state, __m128i factors, __m128i next) {
  const __m128i low = _mm_clmulepi64_si128(state, factors, 0x00), high = _mm_clmulepi64_si128(state, factors, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

/// Folding by carry-less multiplication: Gopal et al. 2009, "Fast CRC computation for generic polynomials using PCLMULQDQ" (Intel).
/// Four lanes of 16 bytes are folded over 64; what is left is 16 bytes with the same remainder, which zlib divides. At least 64 bytes.
__attribute__((target("pclmul"))) uint32_t crc32_folded(Bytes bytes) {
  const auto at = [&](std::size_t i) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes.data()) + i); };
  const __m128i over_64 = _mm_set_epi64x(0x1c6e41596, 0x154442bd4);  // x^(4*128-32), x^(4*128+32) mod P, bits reflected
  const __m128i over_16 = _mm_set_epi64x(0x0ccaa009e, 0x1751997d0);  // x^(128-32), x^(128+32)
  __m128i a = _mm_xor_si128(at(0), _mm_cvtsi32_si128(-1)), b = at(1), c = at(2), d = at(3);
  bytes = bytes.subspan(64);
  for (; bytes.size() >= 64; bytes = bytes.subspan(64)) {
    a = fold(a, over_64, at(0));
    b = fold(b, over_64, at(1));
    c = fold(c, over_64, at(2));
    d = fold(d, over_64, at(3));
  }
  a = fold(fold(fold(a, over_16, b), over_16, c), over_16, d);
  std::byte rest[16];
  _mm_storeu_si128(reinterpret_cast<__m128i*>(rest), a);
  return crc32_zlib(crc32_zlib(0xFFFFFFFF, rest), bytes);  // 0xFFFFFFFF is zlib's way to say: start from zero
}
#endif

}  // namespace

uint32_t crc32(Bytes bytes) {
#if defined(__x86_64__)
  static const bool has_pclmul = __builtin_cpu_supports("pclmul") != 0;
  if (has_pclmul && bytes.size() >= 64) return crc32_folded(bytes);
#endif
  return crc32_zlib(0, bytes);
}

}  // namespace graft::weights

// Vectors of floats, loaded from and stored to float32 or bf16. Part of kernels_body.h. (The intrinsics are always inlined: see kernels_table.h.)
#if defined(__AVX512BW__)
#include <immintrin.h>
#endif

namespace graft::train::GRAFT_ISA {
namespace {

constexpr Size kLanes = GRAFT_VECTOR_BYTES / 4;
typedef float Vector __attribute__((vector_size(GRAFT_VECTOR_BYTES)));
typedef float Unaligned __attribute__((vector_size(GRAFT_VECTOR_BYTES), aligned(4), may_alias));
typedef unsigned Bits __attribute__((vector_size(GRAFT_VECTOR_BYTES)));
typedef int Ints __attribute__((vector_size(GRAFT_VECTOR_BYTES)));
typedef unsigned short Halves __attribute__((vector_size(GRAFT_VECTOR_BYTES / 2)));
typedef unsigned short UnalignedHalves __attribute__((vector_size(GRAFT_VECTOR_BYTES / 2), aligned(2), may_alias));

inline Vector all(float x) { return Vector{} + x; }

inline Vector load(const float* p) { return *reinterpret_cast<const Unaligned*>(p); }
inline Vector load(const Bf16* p) {
  const Halves halves = *reinterpret_cast<const UnalignedHalves*>(p);
  return reinterpret_cast<Vector>(__builtin_convertvector(halves, Bits) << 16);
}

inline void store(float* p, Vector v) { *reinterpret_cast<Unaligned*>(p) = v; }
#if defined(__AVX512BF16__)
inline Halves rounded(Vector v) { return reinterpret_cast<Halves>(_mm512_cvtneps_pbh(v)); }  // flushes magnitudes below 2^-126 to 0
#else
/// Rounds to nearest, ties to even. Every NaN becomes the default quiet NaN, since the carry of rounding could turn its bits into a number.
inline Halves rounded(Vector v) {
  const Bits bits = reinterpret_cast<Bits>(v), near = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
  return __builtin_convertvector(v == v ? near : Bits{} + 0x7FC0, Halves);
}
#endif
inline void store(Bf16* p, Vector v) { *reinterpret_cast<UnalignedHalves*>(p) = rounded(v); }

/// Loads and stores of the first n < kLanes elements; the others are loaded as 0, and their memory is not accessed.
#if defined(__AVX512BW__)
inline __mmask16 first_lanes(Size n) { return static_cast<__mmask16>((1U << n) - 1); }
inline Vector load(const float* p, Size n) { return _mm512_maskz_loadu_ps(first_lanes(n), p); }
inline Vector load(const Bf16* p, Size n) {
  const auto halves = reinterpret_cast<Halves>(_mm256_maskz_loadu_epi16(first_lanes(n), p));
  return reinterpret_cast<Vector>(__builtin_convertvector(halves, Bits) << 16);
}
inline void store(float* p, Vector v, Size n) { _mm512_mask_storeu_ps(p, first_lanes(n), v); }
inline void store(Bf16* p, Vector v, Size n) { _mm256_mask_storeu_epi16(p, first_lanes(n), reinterpret_cast<__m256i>(rounded(v))); }
#else
template <class X>
inline Vector load(const X* p, Size n) {
  X part[kLanes] = {};
  for (Size i = 0; i < n; ++i) part[i] = p[i];
  return load(part);
}
template <class X>
inline void store(X* p, Vector v, Size n) {
  X part[kLanes];
  store(part, v);
  for (Size i = 0; i < n; ++i) p[i] = part[i];
}
#endif

inline Vector choose(Ints where, Vector a, Vector b) { return where ? a : b; }
/// Minimum and maximum; if a is NaN, the result is NaN, as in PyTorch's activations.
inline Vector least(Vector a, Vector b) { return a > b ? b : a; }
inline Vector most(Vector a, Vector b) { return a < b ? b : a; }

/// exp(x) with a relative error below 2e-7 for |x| <= 87 (Cephes' polynomial). Beyond that x is clamped; for NaN the result is unspecified.
inline Vector exponential(Vector x) {
  x = least(all(87.F), most(all(-87.F), x));
  const Ints whole = __builtin_convertvector(x * 1.44269504F + choose(x < 0, all(-0.5F), all(0.5F)), Ints);
  const Vector n = __builtin_convertvector(whole, Vector), r = x - n * 0.693359375F + n * 2.12194440e-4F;
  Vector p = r * 1.9875691500e-4F + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  return (p * r * r + r + 1.F) * reinterpret_cast<Vector>((whole + 127) << 23);
}

inline Vector sigmoid(Vector x) { return 1.F / (1.F + exponential(-x)); }

template <Shape S>
inline Vector activated(Vector x) {
  if constexpr (S == Shape::relu) return most(x, Vector{});
  else if constexpr (S == Shape::relu6) return least(most(x, Vector{}), all(6.F));
  else if constexpr (S == Shape::silu) return x * sigmoid(x);
  else if constexpr (S == Shape::hard_swish) return x * least(most(x + 3.F, Vector{}), all(6.F)) * (1.F / 6.F);
  else return x;
}

/// dy times the activation's derivative at x.
template <Shape S>
inline Vector slope(Vector x, Vector dy) {
  if constexpr (S == Shape::relu) return choose(x > 0, dy, Vector{});
  else if constexpr (S == Shape::relu6) return choose((x > 0) & (x < 6.F), dy, Vector{});
  else if constexpr (S == Shape::silu) {
    const Vector s = sigmoid(x);
    return dy * s * (1.F + x * (1.F - s));
  } else if constexpr (S == Shape::hard_swish) return dy * choose(x < -3.F, Vector{}, choose(x > 3.F, all(1.F), x * (1.F / 3.F) + 0.5F));
  else return dy;
}

}  // namespace
}  // namespace graft::train::GRAFT_ISA

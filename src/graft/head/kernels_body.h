// The body of the kernels; a source defines GRAFT_ISA (a namespace), GRAFT_VECTOR_BYTES and GRAFT_ROW_TILE and includes it.
// A tile of GRAFT_ROW_TILE x 6 sums stays in registers: 24 of 32 with AVX-512, 12 of 16 otherwise, and needs fewer loads than multiplications.
// No #pragma once: included once by each of three sources, each in its own namespace.
#include "graft/head/kernels_table.h"

namespace graft::head::GRAFT_ISA {
namespace {

constexpr int kRowTile = GRAFT_ROW_TILE, kOutputTile = 6;
constexpr Size kRowBlock = 128;  // rows of `outer` kept in the first-level cache

template <class T>
struct Simd {
  static constexpr Size kLanes = GRAFT_VECTOR_BYTES / sizeof(T);
  typedef T Vector __attribute__((vector_size(GRAFT_VECTOR_BYTES)));
  typedef T Unaligned __attribute__((vector_size(GRAFT_VECTOR_BYTES), aligned(alignof(T)), may_alias));
};
typedef float HalfFloats __attribute__((vector_size(GRAFT_VECTOR_BYTES / 2), aligned(4), may_alias));

inline void load(const float* p, typename Simd<float>::Vector& v) { v = *reinterpret_cast<const Simd<float>::Unaligned*>(p); }
inline void load(const double* p, typename Simd<double>::Vector& v) { v = *reinterpret_cast<const Simd<double>::Unaligned*>(p); }
inline void load(const float* p, typename Simd<double>::Vector& v) {
  v = __builtin_convertvector(*reinterpret_cast<const HalfFloats*>(p), Simd<double>::Vector);
}

template <class T>
inline T total(const typename Simd<T>::Vector& v) {
  T part[Simd<T>::kLanes];
  for (Size lane = 0; lane < Simd<T>::kLanes; ++lane) part[lane] = v[lane];
#pragma GCC unroll 4
  for (Size half = Simd<T>::kLanes / 2; half > 0; half /= 2)
    for (Size lane = 0; lane < half; ++lane) part[lane] += part[lane + half];
  return part[0];
}

template <class X, class T, int A, int B>
void dot_tile(const X* a, Size a_stride, const T* b, Size b_stride, Size width, T* out, Size out_stride) {
  typename Simd<T>::Vector sum[A][B] = {}, left[A], right;
  for (Size c = 0; c < width; c += Simd<T>::kLanes) {
#pragma GCC unroll 8
    for (int i = 0; i < A; ++i) load(a + static_cast<Size>(i) * a_stride + c, left[i]);
#pragma GCC unroll 8
    for (int j = 0; j < B; ++j) {
      load(b + static_cast<Size>(j) * b_stride + c, right);
#pragma GCC unroll 8
      for (int i = 0; i < A; ++i) sum[i][j] += left[i] * right;
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < A; ++i)
#pragma GCC unroll 8
    for (int j = 0; j < B; ++j) out[static_cast<Size>(i) * out_stride + static_cast<Size>(j)] = total<T>(sum[i][j]);
}

template <class X, class T, int B>
void dot_rows(const X* a, Size a_rows, Size a_stride, const T* b, Size b_stride, Size width, T* out, Size out_stride) {
  Size i = 0;
  for (; i + kRowTile <= a_rows; i += kRowTile)
    dot_tile<X, T, kRowTile, B>(a + i * a_stride, a_stride, b, b_stride, width, out + i * out_stride, out_stride);
  for (; i < a_rows; ++i) dot_tile<X, T, 1, B>(a + i * a_stride, a_stride, b, b_stride, width, out + i * out_stride, out_stride);
}

template <class X, class T>
void dots(const X* a, Size a_rows, Size a_stride, const T* b, Size b_rows, Size b_stride, Size width, T* out, Size out_stride) {
  Size j = 0;
  for (; j + kOutputTile <= b_rows; j += kOutputTile)
    dot_rows<X, T, kOutputTile>(a, a_rows, a_stride, b + j * b_stride, b_stride, width, out + j, out_stride);
  b += j * b_stride;
  out += j;
  switch (b_rows - j) {
    case 5: return dot_rows<X, T, 5>(a, a_rows, a_stride, b, b_stride, width, out, out_stride);
    case 4: return dot_rows<X, T, 4>(a, a_rows, a_stride, b, b_stride, width, out, out_stride);
    case 3: return dot_rows<X, T, 3>(a, a_rows, a_stride, b, b_stride, width, out, out_stride);
    case 2: return dot_rows<X, T, 2>(a, a_rows, a_stride, b, b_stride, width, out, out_stride);
    case 1: return dot_rows<X, T, 1>(a, a_rows, a_stride, b, b_stride, width, out, out_stride);
    default: return;
  }
}

template <class X, class T, int J>
void outer_tile(const T* r, Size rows, Size r_stride, const X* x, Size x_stride, T* g, Size g_stride) {
  constexpr int kColumns = kRowTile;
  typename Simd<T>::Vector sum[J][kColumns], right[kColumns];
#pragma GCC unroll 8
  for (int j = 0; j < J; ++j)
#pragma GCC unroll 8
    for (int c = 0; c < kColumns; ++c) load(g + static_cast<Size>(j) * g_stride + static_cast<Size>(c) * Simd<T>::kLanes, sum[j][c]);
  for (Size i = 0; i < rows; ++i) {
#pragma GCC unroll 8
    for (int c = 0; c < kColumns; ++c) load(x + i * x_stride + static_cast<Size>(c) * Simd<T>::kLanes, right[c]);
#pragma GCC unroll 8
    for (int j = 0; j < J; ++j) {
      const T factor = r[i * r_stride + static_cast<Size>(j)];
#pragma GCC unroll 8
      for (int c = 0; c < kColumns; ++c) sum[j][c] += right[c] * factor;
    }
  }
#pragma GCC unroll 8
  for (int j = 0; j < J; ++j)
#pragma GCC unroll 8
    for (int c = 0; c < kColumns; ++c)
      *reinterpret_cast<typename Simd<T>::Unaligned*>(g + static_cast<Size>(j) * g_stride + static_cast<Size>(c) * Simd<T>::kLanes) = sum[j][c];
}

template <class X, class T>
void outer(const T* r, Size rows, Size r_stride, Size outputs, const X* x, Size x_stride, Size width, T* g, Size g_stride) {
  for (Size first = 0; first < rows; first += kRowBlock) {
    const Size count = rows - first < kRowBlock ? rows - first : kRowBlock;
    for (Size c = 0; c < width; c += kRowTile * Simd<T>::kLanes) {
      const X* xs = x + first * x_stride + c;
      const T* rs = r + first * r_stride;
      T* gs = g + c;
      Size j = 0;
      for (; j + kOutputTile <= outputs; j += kOutputTile)
        outer_tile<X, T, kOutputTile>(rs + j, count, r_stride, xs, x_stride, gs + j * g_stride, g_stride);
      rs += j;
      gs += j * g_stride;
      switch (outputs - j) {
        case 5: outer_tile<X, T, 5>(rs, count, r_stride, xs, x_stride, gs, g_stride); break;
        case 4: outer_tile<X, T, 4>(rs, count, r_stride, xs, x_stride, gs, g_stride); break;
        case 3: outer_tile<X, T, 3>(rs, count, r_stride, xs, x_stride, gs, g_stride); break;
        case 2: outer_tile<X, T, 2>(rs, count, r_stride, xs, x_stride, gs, g_stride); break;
        case 1: outer_tile<X, T, 1>(rs, count, r_stride, xs, x_stride, gs, g_stride); break;
        default: break;
      }
    }
  }
}

}  // namespace

#define GRAFT_TEXT_(x) #x
#define GRAFT_TEXT(x) GRAFT_TEXT_(x)
extern const Kernels kKernels;
const Kernels kKernels = {GRAFT_TEXT(GRAFT_ISA),
                          {dots<float, float>, outer<float, float>},
                          {dots<float, double>, outer<float, double>},
                          {dots<double, double>, outer<double, double>}};

}  // namespace graft::head::GRAFT_ISA

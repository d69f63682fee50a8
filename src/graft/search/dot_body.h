// The body of the sums; a source defines GRAFT_ISA (a namespace) and GRAFT_VECTOR_BYTES and includes it.
// No #pragma once: included once by each of three sources, each in its own namespace.
#include "graft/search/dot_table.h"

namespace graft::search::GRAFT_ISA {
namespace {

constexpr unsigned long kLanes = GRAFT_VECTOR_BYTES / sizeof(float);
constexpr unsigned long kSums = 64;                 // running sums of every CPU, so that all add in the same order
constexpr unsigned long kVectors = kSums / kLanes;  // that hold them

typedef float Vector __attribute__((vector_size(GRAFT_VECTOR_BYTES)));
typedef float Unaligned __attribute__((vector_size(GRAFT_VECTOR_BYTES), aligned(4), may_alias));

}  // namespace

float dot(const float* a, const float* b, unsigned long width) {
  Vector sums[kVectors] = {};
  unsigned long i = 0;
  for (; i + kSums <= width; i += kSums)
#pragma GCC unroll 16
    for (unsigned long v = 0; v < kVectors; ++v)
      sums[v] += *reinterpret_cast<const Unaligned*>(a + i + v * kLanes) * *reinterpret_cast<const Unaligned*>(b + i + v * kLanes);
  float part[kSums];
  for (unsigned long lane = 0; lane < kSums; ++lane) part[lane] = sums[lane / kLanes][lane % kLanes];
  for (unsigned long lane = 0; i < width; ++i, ++lane) part[lane] += a[i] * b[i];
  for (unsigned long half = kSums / 2; half > 0; half /= 2)
    for (unsigned long lane = 0; lane < half; ++lane) part[lane] += part[lane + half];
  return part[0];
}

}  // namespace graft::search::GRAFT_ISA

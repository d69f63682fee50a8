#include "graft/train/kernels.h"

#include <array>
#include <cstddef>

namespace graft::train {
namespace {

struct Available {
  std::array<const Kernels*, 3> sets{&baseline::kKernels};
  std::size_t count = 1;
  Available() {
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) sets[count++] = &avx2::kKernels;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
      sets[count++] = &avx512::kKernels;
  }
};

const Available& available() {
  static const Available found;
  return found;
}

}  // namespace

std::span<const Kernels* const> available_kernels() { return {available().sets.data(), available().count}; }

const Kernels& kernels() { return *available_kernels().back(); }

}  // namespace graft::train

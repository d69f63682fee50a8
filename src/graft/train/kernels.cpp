#include "graft/train/kernels.h"

#include <array>
#include <cstddef>

#include "graft/base/isa.h"

namespace graft::train {

std::span<const Kernels* const> available_kernels() {
  static constexpr std::array<const Kernels*, 4> kSets{&baseline::kKernels, &avx2::kKernels, &avx512::kKernels,
                                                       &avx512bf16::kKernels};  // in the order of Isa; the last is an addition to AVX-512
  static const bool rounds = best_isa() == Isa::avx512 && __builtin_cpu_supports("avx512bf16");
  return std::span(kSets).first(static_cast<std::size_t>(best_isa()) + (rounds ? 2 : 1));
}

const Kernels& kernels() { return *available_kernels().back(); }

}  // namespace graft::train

#include "graft/train/compute/kernels.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "graft/base/isa.h"

namespace graft::train {

std::span<const Kernels* const> available_kernels() {
  static constexpr std::array<const Kernels*, 4> kSets{&baseline::kKernels, &avx2::kKernels, &avx512::kKernels,
                                                       &avx512bf16::kKernels};  // in the order of Isa, up to its bf16
  return std::span(kSets).first(static_cast<std::size_t>(std::min(best_isa(), Isa::bf16)) + 1);
}

const Kernels& kernels() { return *available_kernels().back(); }

}  // namespace graft::train

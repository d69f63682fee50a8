#include "graft/head/kernels.h"

#include <algorithm>
#include <array>
#include <type_traits>

#include "graft/base/isa.h"

namespace graft::head {

static_assert(std::is_same_v<Size, std::size_t>);

std::span<const Kernels* const> available_kernels() {
  static constexpr std::array<const Kernels*, 3> kSets{&baseline::kKernels, &avx2::kKernels,
                                                       &avx512::kKernels};  // in the order of Isa, up to its avx512
  return std::span(kSets).first(static_cast<std::size_t>(std::min(best_isa(), Isa::avx512)) + 1);
}

const Kernels& kernels() { return *available_kernels().back(); }

}  // namespace graft::head

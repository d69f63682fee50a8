#include "graft/base/isa.h"
#include "graft/search/dot_table.h"

namespace graft::search {

Dot fastest_dot() {
  const Isa isa = best_isa();
  return isa >= Isa::avx512 ? avx512::dot : isa == Isa::avx2 ? avx2::dot : baseline::dot;
}

}  // namespace graft::search

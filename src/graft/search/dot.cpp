#include "graft/search/dot_table.h"

namespace graft::search {

Dot fastest_dot() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("fma")) return avx512::dot;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return avx2::dot;
#endif
  return baseline::dot;
}

}  // namespace graft::search

// Which CPU this is, and which instruction set kernels that are compiled once per set may use on it.
#pragma once

#include <string>

namespace graft {

/// In order: a later one holds those before it. `avx2` comes with FMA, `avx512` with its F, BW and VL parts.
enum class Isa { baseline, avx2, avx512 };

/// The last one that this CPU has.
Isa best_isa();

/// The line of /proc/cpuinfo with the CPU's name, or "unknown": to remember measurements by.
std::string cpu_name();

}  // namespace graft

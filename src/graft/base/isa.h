// Which instruction set kernels that are compiled once per set may use on this machine.
#pragma once

namespace graft {

/// In order: a later one holds those before it. `avx2` comes with FMA, `avx512` with its F, BW and VL parts.
enum class Isa { baseline, avx2, avx512 };

/// The last one that this CPU has.
Isa best_isa();

}  // namespace graft

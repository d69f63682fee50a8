// Which CPU this is, and which instruction set may be used by kernels that are compiled once per set.
#pragma once

#include <string>
#include <string_view>

namespace graft {

/// In order: each one includes those before it. `avx2` comes with FMA, `avx512` with its F, BW and
/// VL parts, `bf16` with AVX-512's products of bf16 numbers, `amx` with products of tiles of them.
enum class Isa { baseline, avx2, avx512, bf16, amx };
const char* to_string(Isa isa);

/// The highest one that this CPU has, whatever GRAFT_CPU says.
Isa isa_of_cpu();

/// The highest one that this CPU has, or the lower one that GRAFT_CPU in the environment names (avx2, avx512,
/// bf16, amx) at the first call. Error (usage) if that is another word, or a set that the CPU does not have.
Isa best_isa();

/// The result of best_isa() for a CPU and the value of GRAFT_CPU; null: not set.
Isa as_told(Isa cpu, const char* word);

/// The highest one that oneDNN uses, which multiplies for OpenVINO and libtorch: isa_of_cpu(), or less if ONEDNN_MAX_CPU_ISA says so.
Isa onednn_isa();

/// The set that a value of ONEDNN_MAX_CPU_ISA stands for; `otherwise` for "ALL", "DEFAULT" and values that oneDNN does not know.
Isa isa_of_onednn(std::string_view word, Isa otherwise);

/// "avx512", followed by the settings that limit the libraries: "avx512,
/// ONEDNN_MAX_CPU_ISA=AVX512_CORE". If this is equal, results are equal.
std::string instruction_sets();

/// The line of /proc/cpuinfo with the CPU's name, or "unknown", and instruction_sets(): the key under which measurements are remembered.
std::string cpu_name();

}  // namespace graft

// Which CPU this is, and which instruction set kernels that are compiled once per set may use on it.
#pragma once

#include <string>
#include <string_view>

namespace graft {

/// In order: a later one holds those before it. `avx2` comes with FMA, `avx512` with its F, BW and VL parts, `bf16` with AVX-512's products of bf16
/// numbers, `amx` with products of tiles of them.
enum class Isa { baseline, avx2, avx512, bf16, amx };
const char* to_string(Isa isa);

/// The last one that this CPU has, whatever anybody says.
Isa isa_of_cpu();

/// The last one that this CPU has, or the lesser one that the environment's GRAFT_CPU names (avx2, avx512, bf16, amx) when first asked. Error (usage)
/// when that is another word, or one that the CPU does not have.
Isa best_isa();

/// What best_isa() makes of a CPU and of GRAFT_CPU's word; null: not set.
Isa as_told(Isa cpu, const char* word);

/// The last one that oneDNN uses, which multiplies for OpenVINO and libtorch: isa_of_cpu(), or less where ONEDNN_MAX_CPU_ISA says so.
Isa onednn_isa();

/// The set that a word of ONEDNN_MAX_CPU_ISA stands for; `otherwise` for "ALL", "DEFAULT" and words that oneDNN does not know.
Isa isa_of_onednn(std::string_view word, Isa otherwise);

/// "avx512", and behind it the settings that hold the libraries back: "avx512, ONEDNN_MAX_CPU_ISA=AVX512_CORE". Where it is the same, the same numbers
/// come out.
std::string instruction_sets();

/// The line of /proc/cpuinfo with the CPU's name, or "unknown", and instruction_sets(): to remember measurements by.
std::string cpu_name();

}  // namespace graft

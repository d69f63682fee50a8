#include "graft/base/isa.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>

#include "graft/base/error.h"
#include "graft/base/text.h"

namespace graft {
namespace {

constexpr const char* kVariable = "GRAFT_CPU";
constexpr std::array kLibraries = {"ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "ATEN_CPU_CAPABILITY"};
constexpr std::array kNames = {"baseline", "avx2", "avx512", "bf16", "amx"};  // in the order of Isa

/// The first line of /proc/cpuinfo that begins with this word.
std::string cpu_line(std::string_view begin) {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with(begin)) return line;
  return "";
}

}  // namespace

Isa isa_of_cpu() {
#if defined(__x86_64__)
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return Isa::baseline;
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512vl")) return Isa::avx2;
  if (!__builtin_cpu_supports("avx512bf16")) return Isa::avx512;
  // The kernel's word, for tiles need its help to be used at all.
  return cpu_line("flags").find(" amx_bf16") != std::string::npos ? Isa::amx : Isa::bf16;
#else
  return Isa::baseline;
#endif
}

const char* to_string(Isa isa) { return kNames[static_cast<std::size_t>(isa)]; }

Isa as_told(Isa cpu, const char* word) {
  if (word == nullptr || *word == '\0') return cpu;
  const std::string subject = std::string(kVariable) + "=" + printable(word);
  const auto found = std::find(kNames.begin() + 1, kNames.end(), std::string_view(word));
  if (found == kNames.end()) throw usage_error(subject, "expected avx2, avx512, bf16 or amx", "unset it to use all that the CPU has");
  const auto told = static_cast<Isa>(found - kNames.begin());
  if (told > cpu)
    throw usage_error(subject, std::string("this CPU does not have it, its largest set is ") + to_string(cpu),
                      "unset it to use all that the CPU has");
  return told;
}

Isa best_isa() {
  static const Isa isa = as_told(isa_of_cpu(), std::getenv(kVariable));
  return isa;
}

Isa isa_of_onednn(std::string_view word, Isa otherwise) {
  const std::string name = lower(word);
  const auto holds = [&](const char* part) { return name.find(part) != std::string::npos; };
  if (holds("amx")) return Isa::amx;
  if (holds("avx10") || holds("avx512_core_bf16") || holds("avx512_core_fp16")) return Isa::bf16;
  if (holds("avx512")) return Isa::avx512;
  if (holds("avx2")) return Isa::avx2;
  return name == "avx" || name == "sse41" ? Isa::baseline : otherwise;
}

Isa onednn_isa() {
  const Isa cpu = isa_of_cpu();
  for (const char* variable : {kLibraries[0], kLibraries[1]})  // oneDNN takes the first that is set
    if (const char* word = std::getenv(variable)) return std::min(cpu, isa_of_onednn(word, cpu));
  return cpu;
}

std::string instruction_sets() {
  std::string text = to_string(best_isa());
  for (const char* variable : kLibraries)
    if (const char* value = std::getenv(variable)) text += std::string(", ") + variable + "=" + value;
  return text;
}

std::string cpu_name() {
  const std::string line = cpu_line("model name");  // "model name\t: AMD EPYC"
  const std::size_t name = line.find(": ");
  return (name == std::string::npos ? "unknown" : line.substr(name + 2)) + "; " + instruction_sets();
}

}  // namespace graft

#include "graft/base/isa.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "error_text.h"

namespace graft {
namespace {

TEST(IsaTest, ALesserOneIsTakenWhereTheEnvironmentSaysSo) {
  EXPECT_EQ(as_told(Isa::amx, nullptr), Isa::amx);
  EXPECT_EQ(as_told(Isa::bf16, ""), Isa::bf16);
  EXPECT_EQ(as_told(Isa::amx, "bf16"), Isa::bf16);
  EXPECT_EQ(as_told(Isa::amx, "avx512"), Isa::avx512);
  EXPECT_EQ(as_told(Isa::avx2, "avx2"), Isa::avx2);
}

TEST(IsaTest, WhatTheCpuHasNotIsAnError) {
  EXPECT_EQ(test::error_of([] { as_told(Isa::bf16, "amx"); }),
            "usage: GRAFT_CPU=amx: this CPU does not have it, its largest set is bf16; unset it to use all that the CPU has");
  for (const char* word : {"AVX2", "baseline", "sse"})
    EXPECT_EQ(test::error_of([&] { as_told(Isa::amx, word); }),
              std::string("usage: GRAFT_CPU=") + word + ": expected avx2, avx512, bf16 or amx; unset it to use all that the CPU has");
}

TEST(IsaTest, WordsOfOneDnn) {
  for (const auto& [word, isa] : {std::pair{"SSE41", Isa::baseline},
                                  {"AVX", Isa::baseline},
                                  {"AVX2", Isa::avx2},
                                  {"avx2_vnni", Isa::avx2},
                                  {"AVX2_VNNI_2", Isa::avx2},
                                  {"AVX512_CORE", Isa::avx512},
                                  {"AVX512_CORE_VNNI", Isa::avx512},
                                  {"AVX512_CORE_BF16", Isa::bf16},
                                  {"AVX512_CORE_FP16", Isa::bf16},
                                  {"AVX10_1_512", Isa::bf16},
                                  {"AVX512_CORE_AMX", Isa::amx},
                                  {"AVX10_1_512_AMX_FP16", Isa::amx}})
    EXPECT_EQ(isa_of_onednn(word, Isa::baseline), isa) << word;
  for (const char* word : {"ALL", "DEFAULT", "pentium"})
    for (const Isa best : {Isa::avx2, Isa::amx}) EXPECT_EQ(isa_of_onednn(word, best), best) << word;
}

TEST(IsaTest, MeasurementsOfOtherSettingsAreOthers) {
  const char* const set = std::getenv("ONEDNN_MAX_CPU_ISA");
  const std::string before = set == nullptr ? "" : set, name = cpu_name();
  setenv("ONEDNN_MAX_CPU_ISA", "SSE41", 1);
  EXPECT_NE(cpu_name(), name);
  EXPECT_NE(instruction_sets().find("ONEDNN_MAX_CPU_ISA=SSE41"), std::string::npos);
  EXPECT_EQ(onednn_isa(), Isa::baseline);
  set == nullptr ? unsetenv("ONEDNN_MAX_CPU_ISA") : setenv("ONEDNN_MAX_CPU_ISA", before.c_str(), 1);
  EXPECT_EQ(cpu_name(), name);
  EXPECT_LE(onednn_isa(), isa_of_cpu());
  EXPECT_LE(best_isa(), isa_of_cpu());
  EXPECT_NE(name.find(to_string(best_isa())), std::string::npos);
  EXPECT_EQ(name.find("model name"), std::string::npos) << "the value alone, without what /proc/cpuinfo calls it";
}

}  // namespace
}  // namespace graft

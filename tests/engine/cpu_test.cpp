// What a CPU, or one that is held back, cannot run: said, and no crash.
#include <gtest/gtest.h>

#include <cstdlib>

#include "error_text.h"
#include "graft/base/isa.h"
#include "graft/engine/engine.h"
#include "graft/graph/builder.h"
#include "graft/onnx/write.h"

namespace graft::engine {
namespace {

TEST(CpuTest, LayerNormsHeldBackFromAvx512AreAnError) {
  if (isa_of_cpu() < Isa::avx512) return;
  graph::Graph graph{.name = "small"};
  graph::Builder b(graph);
  b.stage("body");
  b.layer_norm("ln", b.input({3, 8, 8}));
  for (const char* name : {"ln.weight", "ln.bias"}) graph.find(name)->tensor = graph::Tensor::copy_of(std::vector<float>{1, 2, 3});
  const std::string onnx = onnx::write(graph);
  const data::Preprocess preprocess{.resize = 8, .crop = 8};
  if (onednn_isa() >= Isa::avx512) Engine(onnx, "it.onnx", preprocess, {});  // after this OpenVINO's oneDNN asks nobody again
  const char* const set = std::getenv("ONEDNN_MAX_CPU_ISA");
  const std::string before = set == nullptr ? "" : set;
  setenv("ONEDNN_MAX_CPU_ISA", "AVX2", 1);
  EXPECT_EQ(test::message_of([&] { Engine(onnx, "it.onnx", preprocess, {}); }),
            "it.onnx: on a CPU with AVX-512, OpenVINO cannot compute layer norms as it does without; unset ONEDNN_MAX_CPU_ISA");
  set == nullptr ? unsetenv("ONEDNN_MAX_CPU_ISA") : setenv("ONEDNN_MAX_CPU_ISA", before.c_str(), 1);
}

}  // namespace
}  // namespace graft::engine

#include "graft/onnx/write.h"

#include <gtest/gtest.h>

#include "graft/base/error.h"
#include "graft/models/registry.h"
#include "graft/onnx/read.h"
#include "models/rule.h"

namespace graft::onnx {
namespace {

std::string squeezenet(const Metadata& metadata = {}) {
  graph::Graph graph = models::find("squeezenet1_1").build(10, 96);
  rule::fill(graph);
  return write(graph, metadata);
}

std::string error_of(std::string_view bytes) {
  try {
    read_header(as_bytes(bytes), "model.onnx");
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

TEST(Write, TheHeaderComesBack) {
  const Header header = read_header(as_bytes(squeezenet({{"labels", "[\"käse\",\"ham\"]"}, {"empty", ""}})), "m");
  EXPECT_EQ(header.metadata, (Metadata{{"empty", ""}, {"labels", "[\"käse\",\"ham\"]"}}));
  EXPECT_EQ(header.input, (graph::Dims{3, 96, 96}));
  EXPECT_EQ(header.output, graph::Dims{10});
}

TEST(Write, TheSameBytesEveryTime) { EXPECT_EQ(squeezenet(), squeezenet()); }

TEST(Write, AGraphWithoutWeightsIsAnError) {
  const graph::Graph graph = models::find("resnet18").build(10, 96);
  EXPECT_THROW(
      try { write(graph); } catch (const Error& e) {
        EXPECT_STREQ(e.what(), "resnet18: conv1.weight has no values; load weights first");
        throw;
      },
      Error);
}

TEST(ReadHeader, ATruncatedFileIsAnErrorWhereverItEnds) {
  const std::string whole = squeezenet({{"key", "value"}});
  const std::string expected = "model.onnx: truncated, or not an ONNX file; copy the file again";
  EXPECT_EQ(error_of(""), expected);
  EXPECT_EQ(error_of("this is text, not a model"), expected);
  for (std::size_t size = 1; size + 20 < whole.size(); size += 997) EXPECT_EQ(error_of(whole.substr(0, size)), expected) << size;
  for (std::size_t cut = 1; cut < 8; ++cut) EXPECT_NE(error_of(whole.substr(0, whole.size() - cut)), "no error") << cut;
  EXPECT_EQ(error_of(whole), "no error");
}

}  // namespace
}  // namespace graft::onnx

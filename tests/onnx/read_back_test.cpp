#include "graft/onnx/read_back.h"

#include <gtest/gtest.h>

#include <fstream>

#include "folder.h"
#include "graft/graph/walks.h"
#include "graft/models/registry.h"
#include "graft/onnx/write.h"
#include "models/rule.h"
#include "train/operator_cases.h"

namespace graft::onnx {
namespace {

Reading read_back_of(const TestFolder& folder, std::string_view bytes) {
  write_file(folder / "model.onnx", bytes, Sync::later);
  return read_back(read_model(folder / "model.onnx"));
}

void expect_the_same(const graph::Graph& graph) {
  const TestFolder folder;
  const std::string bytes = write(graph);
  const Reading reading = read_back_of(folder, bytes);
  ASSERT_TRUE(reading.graph) << graph.name << ": " << reading.reason;
  graph::Graph read = *reading.graph;
  read.name = graph.name;
  EXPECT_TRUE(write(read) == bytes) << graph.name << ": the whole file";
}

template <std::size_t... I>
void expect_every_operator(std::index_sequence<I...> /*operators*/) {
  const auto expect = [](const std::vector<train::OperatorCase>& cases) {
    for (const train::OperatorCase& one : cases) expect_the_same(one.graph);
  };
  (expect(train::CasesOf{}(std::variant_alternative_t<I, graph::Operator>{})), ...);
}

TEST(ReadBack, EveryOperator) { expect_every_operator(std::make_index_sequence<std::variant_size_v<graph::Operator>>{}); }

TEST(ReadBack, NetworksWithTheirHeads) {
  for (const char* name : {"squeezenet1_1", "shufflenet_v2_x1_0", "mobilenet_v3_small"}) {
    graph::Graph graph = models::find(name).build(4, 64);
    rule::fill(graph);
    expect_the_same(graph);
    for (const graph::HeadInput& input : {graph::HeadInput{.every_stage = true}, {.mirror = true}}) {
      graph::Graph replaced = graph::replace_head(graph, 3, input, std::vector<int64_t>{5});
      rule::fill(replaced);
      expect_the_same(replaced);
    }
  }
}

TEST(ReadBack, RefusesWhatIsNotAsItWasWritten) {
  const TestFolder folder;
  graph::Graph graph = models::find("squeezenet1_1").build(4, 64);
  rule::fill(graph);
  std::string bytes = write(graph);
  bytes.replace(bytes.find("graft"), 5, "other");
  EXPECT_EQ(read_back_of(folder, bytes).reason, "it was not written by graft");
  bytes = write(graph);
  bytes.replace(bytes.find("ceil_mode"), 9, "ceil_mood");
  EXPECT_EQ(read_back_of(folder, bytes).reason, "node 2 is not as graft writes it");
  bytes = write(graph);
  bytes.replace(bytes.find("Relu"), 4, "Selu");
  EXPECT_EQ(read_back_of(folder, bytes).reason, "node value_2: operator Selu");
}

}  // namespace
}  // namespace graft::onnx

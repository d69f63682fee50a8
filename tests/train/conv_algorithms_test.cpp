// Which algorithm computes each convolution: measured once for a machine, remembered, and kept by a checkpoint.
#include "graft/train/graph/conv_algorithms.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "folder.h"
#include "graft/base/files.h"
#include "graft/graph/builder.h"
#include "graft/train/compute/products.h"
#include "graft/train/graph/executor.h"
#include "graft/train/train.h"
#include "train/small.h"

namespace graft::train {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Two 1x1 convolutions, for which there are two algorithms in bf16, and one of 3x3.
graph::Graph network() {
  graph::Graph graph{.name = "made"};
  graph::Builder b(graph);
  b.stage("body");
  graph::Value x = relu6(b.batch_norm("bn0", b.conv("conv0", b.input({3, 12, 12}), {.out = 16, .kernel = 3})));
  x = relu6(b.batch_norm("bn1", b.conv("conv1", x, {.out = 32, .kernel = 1})));
  x = b.batch_norm("bn2", b.conv("conv2", x, {.out = 16, .kernel = 1}));
  b.stage("head");
  b.linear("fc", averaged(x), {.out = 3});
  return graph;
}

const char* const kWider = "convolution 1x1, 32 from 16 at 12x12";
const char* const kNarrower = "convolution 1x1, 16 from 32 at 12x12";

class ConvAlgorithmsTest : public testing::Test {
 protected:
  ConvAlgorithmsTest() : graph_(network()) { rule::fill(graph_); }

  TrainConfig config() const {
    return {.epochs = 2, .batch = 4, .lr = 0.05, .storage = Storage::bf16, .threads = 2, .conv_algorithms = folder_ / "kernels"};
  }
  fs::path file() const { return fs::directory_iterator(folder_ / "kernels")->path(); }
  void remember(const ConvAlgorithms& algorithms) const { write_file(file(), json(algorithms).dump()); }
  static bool measurable() { return has_products(at::kBFloat16, 16, 32); }

  std::vector<float> trained(const Hooks& hooks = {}) const {
    const TrainResult result = train(graph_, transfer::plan(graph_, {.kind = transfer::Kind::full}), config(), {small::pictures(12, 2)}, hooks);
    std::vector<float> all;
    for (const graph::Parameter& p : result.graph.parameters) all.insert(all.end(), p.tensor.values.begin(), p.tensor.values.end());
    return all;
  }

  TestFolder folder_;
  graph::Graph graph_;
};

TEST_F(ConvAlgorithmsTest, AreMeasuredOnceForEachShape) {
  const ConvAlgorithms algorithms = choose_conv_algorithms(graph_, config());
  if (!measurable()) {
    EXPECT_TRUE(algorithms.empty());
    return;
  }
  ASSERT_EQ(algorithms.size(), 2);
  for (const char* shape : {kWider, kNarrower}) EXPECT_TRUE(algorithms.at(shape) == kBlocks || algorithms.at(shape) == kAten);
  for (const char* algorithm : {kAten, kBlocks}) {
    remember({{kWider, algorithm}, {kNarrower, kAten}});
    EXPECT_EQ(choose_conv_algorithms(graph_, config()), (ConvAlgorithms{{kWider, algorithm}, {kNarrower, kAten}}));
  }
  remember({{kWider, kAten}});
  EXPECT_EQ(choose_conv_algorithms(graph_, config()).size(), 2) << "the other one is measured";
  EXPECT_EQ(json::parse(as_text(read_file(file()))).size(), 2);
}

TEST_F(ConvAlgorithmsTest, ADamagedFileIsWrittenAnew) {
  choose_conv_algorithms(graph_, config());
  if (!measurable()) return;
  for (const char* text : {"{", "[1]", R"({"convolution 1x1, 32 from 16 at 12x12": "abacus"})"}) {
    write_file(file(), std::string_view(text));
    EXPECT_EQ(choose_conv_algorithms(graph_, config()).size(), 2) << text;
    EXPECT_EQ(json::parse(as_text(read_file(file()))).size(), 2) << text;
  }
}

TEST_F(ConvAlgorithmsTest, NothingIsMeasuredWithoutAFolderOrTwoAlgorithms) {
  TrainConfig none = config(), single = config();
  none.conv_algorithms.clear();
  single.storage = Storage::float32;
  EXPECT_TRUE(choose_conv_algorithms(graph_, none).empty());
  EXPECT_TRUE(choose_conv_algorithms(graph_, single).empty());
  EXPECT_FALSE(fs::exists(folder_ / "kernels"));
}

TEST_F(ConvAlgorithmsTest, AFolderThatCannotBeWrittenIsNoError) {
  write_file(folder_ / "kernels", std::string_view("a file"));
  EXPECT_EQ(choose_conv_algorithms(graph_, config()).size(), measurable() ? 2 : 0);
}

TEST_F(ConvAlgorithmsTest, TheExecutorFollowsThem) {
  if (!measurable()) return;
  const auto run = [&](const ConvAlgorithms& algorithms, std::string& kernels) {
    Executor executor(graph_, at::kBFloat16);
    executor.profile = true;
    executor.set_conv_algorithms(algorithms);
    executor.set_modes(std::vector<StageMode>(2, {.trains = true, .batch_norm_live = true}));
    const at::Tensor logits = executor.forward(at::sin(at::arange(4 * 12 * 12 * 3, at::kFloat)).view({4, 12, 12, 3}), {}).at(graph::kLogits);
    executor.backward({{graph::kLogits, at::ones_like(logits)}});
    for (const OperatorTime& t : executor.times())
      if (t.what.starts_with(kWider)) kernels += t.kernel + " ";
    return logits;
  };
  std::string blocks, aten;
  const at::Tensor one = run({}, blocks), other = run({{kWider, kAten}}, aten);
  EXPECT_EQ(blocks, "blocks blocks ");
  EXPECT_EQ(aten, "ATen ATen ");
  EXPECT_LT((one - other).norm().item<float>(), 0.05 * one.norm().item<float>());
}

TEST_F(ConvAlgorithmsTest, ACheckpointKeepsThoseItWasBegunWith) {
  if (!measurable()) return;
  choose_conv_algorithms(graph_, config());
  const ConvAlgorithms all_aten{{kWider, kAten}, {kNarrower, kAten}}, all_blocks{{kWider, kBlocks}, {kNarrower, kBlocks}};
  remember(all_blocks);
  const std::vector<float> by_blocks = trained();
  remember(all_aten);
  const std::vector<float> by_aten = trained();
  EXPECT_NE(by_aten, by_blocks) << "or the rest of this test says nothing";
  int steps = 0;
  EXPECT_THROW(trained({.stop = [&] { return ++steps == 2; }, .checkpoint = folder_ / "state"}), Interrupted);
  remember(all_blocks);
  EXPECT_EQ(trained({.checkpoint = folder_ / "state"}), by_aten);
}

}  // namespace
}  // namespace graft::train

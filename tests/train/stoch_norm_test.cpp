// Statistics by channel (StochNorm, Kou et al. 2020) and residual branches by photo (stochastic depth).
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "graft/graph/builder.h"
#include "graft/graph/walks.h"
#include "graft/train/checks.h"
#include "graft/train/graph/executor.h"
#include "graft/train/terms/loss.h"
#include "train/small.h"
#include "train/tensors.h"

namespace graft::train {
namespace {

using namespace small;

/// The largest difference in a row.
at::Tensor worst(const at::Tensor& a, const at::Tensor& b) { return (a - b).abs().amax(1) / b.abs().max(); }

constexpr int64_t kChannels = 16;

class StochNorm : public testing::Test {
 protected:
  StochNorm() {
    graph::Graph graph{.name = "norm"};
    graph::Builder b(graph);
    b.stage("body");
    graph::Value x = b.batch_norm("bn", b.conv("conv", b.input({2, 3, 3}), {.out = kChannels, .kernel = 1}));
    apply(graph::GlobalAveragePool{}, {activate(graph::Function::silu, x)});
    const auto put = [&](const char* name, const char* key) {
      graph.find(name)->tensor =
          graph::Tensor::copy_of({tensor_of(golden_[key]).const_data_ptr<float>(), golden_[key][0].size() * golden_[key].size()});
    };
    put("conv.weight", "conv");
    put("bn.weight", "weight");
    put("bn.bias", "bias");
    put("bn.running_mean", "mean");
    put("bn.running_var", "var");
    executor_.emplace(graph, at::kFloat);
  }

  /// Which channels went by the batch's statistics; every number of each must be PyTorch's for one of both.
  std::vector<bool> step(double running, uint64_t number) {
    Executor& e = *executor_;
    for (const std::size_t p : {3U, 4U}) e.values[p].copy_(tensor_of(golden_[p == 3 ? "mean" : "var"])[0]);
    e.set_modes({{.trains = true, .batch_norm_live = true, .running = running}});
    const at::Tensor x = tensor_of(golden_["input"]).view({4, 2, 3, 3}).permute({0, 2, 3, 1}).contiguous();
    const at::Tensor out = e.forward(x, {7, number}).at(graph::kLogits);
    e.backward({{graph::kLogits, tensor_of(golden_["outer"])}});
    const auto far = [&](const char* kind) {
      const auto& wanted = golden_[kind];
      const at::Tensor list[] = {
          worst(out.t(), tensor_of(wanted["output"]).t()), worst(e.gradients[0].view({kChannels, 2}), tensor_of(wanted["conv"])),
          worst(e.gradients[1].unsqueeze(1), tensor_of(wanted["weight"]).t()), worst(e.gradients[2].unsqueeze(1), tensor_of(wanted["bias"]).t())};
      return at::stack(list).amax(0);
    };
    const at::Tensor batch = far("batch"), fixed = far("running");
    EXPECT_LT(at::minimum(batch, fixed).max().item<double>(), 1e-5);
    for (const auto& [p, key] : {std::pair{3U, "mean"}, std::pair{4U, "var"}})
      EXPECT_LT(worst(e.values[p].unsqueeze(0), tensor_of(golden_["moved"][key])).item<double>(), 1e-5) << "they move in any case";
    std::vector<bool> by_batch;
    for (int64_t c = 0; c < kChannels; ++c) by_batch.push_back(batch[c].item<double>() < fixed[c].item<double>());
    return by_batch;
  }

  nlohmann::json golden_ = nlohmann::json::parse(std::ifstream(GRAFT_TESTS "/train/losses.json"))["stoch-norm"];
  std::optional<Executor> executor_;
};

TEST_F(StochNorm, AgreesWithPyTorchInEveryChannel) {
  EXPECT_EQ(step(0, 1), std::vector<bool>(kChannels, true));
  EXPECT_EQ(step(1, 1), std::vector<bool>(kChannels, false));
  const std::vector<bool> some = step(0.5, 1);
  const auto chosen = std::ranges::count(some, true);
  EXPECT_TRUE(chosen > 2 && chosen < 14) << chosen;
  EXPECT_EQ(step(0.5, 1), some);
  EXPECT_NE(step(0.5, 2), some);
}

TEST(StochNormOption, NeedsALiveBatchNorm) {
  TrainConfig config = config_of();
  config.stoch_norm = 0.5;
  const auto plan = transfer::plan(network(), {.kind = transfer::Kind::full, .batch_norm = transfer::BatchNormMode::fixed});
  EXPECT_EQ(message_of([&] { check(network(), plan, config, {pictures(24, 1)}); }),
            "--stoch-norm 0.5: nothing that is trained has live batch norm; choose --batch-norm live, and a network with batch norm");
  check(network(), plan_of(transfer::Kind::full), config, {pictures(24, 1)});
}

TEST(StochasticDepth, LeavesTheBranchOfWholePhotosOut) {
  constexpr double kRate = 0.4;
  constexpr int64_t kPhotos = 200;
  const graph::Graph plain = network(), graph = graph::with_stochastic_depth(plain, kRate);
  std::size_t add = 0;
  while (!std::holds_alternative<graph::Add>(graph.nodes[add].op)) ++add;
  const auto drop = static_cast<std::size_t>(graph.nodes[add].inputs[1]), shortcut = static_cast<std::size_t>(graph.nodes[add].inputs[0]);
  const auto branch = static_cast<std::size_t>(graph.nodes[drop].inputs[0]);
  ASSERT_EQ(std::get<graph::Dropout>(graph.nodes[drop].op).probability, kRate);
  Executor executor(graph, at::kFloat);
  const auto named = [](const char* name, std::size_t node) { return graph::Output{name, static_cast<int>(node)}; };
  executor.set_outputs({named("logits", graph.output()), named("add", add), named("branch", branch), named("shortcut", shortcut)});
  executor.set_modes(modes_at(transfer::plan(graph, {.kind = transfer::Kind::full, .batch_norm = transfer::BatchNormMode::fixed}), 0));
  std::vector<std::size_t> which(kPhotos);
  for (std::size_t i = 0; i < which.size(); ++i) which[i] = i;
  const at::Tensor inputs = inputs_of(graph, pictures(kPhotos, 1).fill, 0, which);
  const auto scales = [&](uint64_t step) {
    Outputs out = executor.forward(inputs, {3, step});
    const at::Tensor added = (out["add"] - out["shortcut"]).flatten(1), whole = out["branch"].flatten(1);
    const at::Tensor scale = (added * whole).sum(1) / whole.square().sum(1);
    EXPECT_LT((added - scale.unsqueeze(1) * whole).abs().max().item<double>(), 1e-5) << "a photo's branch has one scale";
    return scale;
  };
  const at::Tensor scale = scales(1);
  const at::Tensor kept = scale > 0.5;
  EXPECT_LT((scale - kept.to(at::kFloat) / (1 - kRate)).abs().max().item<double>(), 1e-4);
  EXPECT_NEAR(kept.sum().item<double>() / kPhotos, 1 - kRate, 0.12);
  EXPECT_TRUE(scales(1).equal(scale));
  EXPECT_FALSE(scales(2).equal(scale));
  EXPECT_TRUE(executor.predict(inputs).equal(Executor(plain, at::kFloat).predict(inputs))) << "predictions have every branch";

  const at::Tensor whole = executor.forward(inputs, {3, 1}).at("branch");
  executor.backward({{"add", at::ones({kPhotos, 6, 6, 8})}});
  std::size_t bias = 0;
  while (graph.parameters[bias].name != "last.bn.bias") ++bias;
  const at::Tensor gradient = executor.gradients[bias].clone();
  const at::Tensor wanted = ((whole > 0).sum(at::IntArrayRef{1, 2}) * scale.unsqueeze(1)).sum(0);
  EXPECT_LT(worst(gradient.unsqueeze(0), wanted.unsqueeze(0)).item<double>(), 1e-5) << "and goes back by the same scales";
}

}  // namespace
}  // namespace graft::train

#include "graft/train/loop/batch_norm.h"

#include <gtest/gtest.h>

#include <numeric>

#include "graft/train/adapt_statistics.h"
#include "graft/train/terms/loss.h"
#include "train/adapting.h"
#include "train/small.h"

namespace graft::train {
namespace {

using namespace small;

/// What the stem's batch norm sees, by another way: the network's first convolution alone.
at::Tensor before_first_norm(const at::Tensor& inputs) {
  graph::Graph graph = network();
  const graph::Tensor weight = graph.find("stem.conv.weight")->tensor;
  const at::Tensor kernel = at::empty({8, 3, 3, 3}, at::kFloat);
  std::copy(weight.values.begin(), weight.values.end(), kernel.mutable_data_ptr<float>());
  return at::conv2d(inputs.permute({0, 3, 1, 2}), kernel, {}, {2, 2}, {1, 1}).transpose(0, 1).flatten(1).to(at::kDouble);
}

TEST(MeasureStatistics, AreThoseOfAllBatchesTogether) {
  const Samples samples = pictures(40, 5);
  const auto batches = batches_of(40, 13, 3, 0);  // of 10
  Executor executor(network(), at::kFloat);
  std::vector<at::Tensor> seen;
  measure_statistics(executor, modes_at(plan_of(transfer::Kind::full), 0), batches.size(), [&](std::size_t b) {
    seen.push_back(inputs_of(executor.graph(), samples.fill, 0, batches[b]));
    return seen.back();
  });
  const at::Tensor all = before_first_norm(at::cat(seen));
  const auto value = [&](const char* name) {
    const auto at = static_cast<std::size_t>(executor.graph().find(name) - executor.graph().parameters.data());
    return executor.values[at].to(at::kDouble);
  };
  EXPECT_LT((value("stem.bn.running_mean") - all.mean(1)).abs().max().item<double>(), 1e-5);
  const at::Tensor variance = all.var(1, false);
  EXPECT_LT(((value("stem.bn.running_var") - variance) / variance).abs().max().item<double>(), 5e-3) << "each batch's own is unbiased";
}

TEST(MeasureStatistics, LeavesFixedOnesAndWeightsAlone) {
  const Samples samples = pictures(20, 5);
  Executor executor(network(), at::kFloat);
  const transfer::Plan plan =
      transfer::plan(network(), {.kind = transfer::Kind::partial, .unfreeze = "last", .batch_norm = transfer::BatchNormMode::live});
  std::vector<std::size_t> which(20);
  measure_statistics(executor, modes_at(plan, 0), 2, [&](std::size_t) { return inputs_of(executor.graph(), samples.fill, 0, which); });
  std::vector<std::string> changed;
  const graph::Graph before = network();
  for (std::size_t p = 0; p < before.parameters.size(); ++p) {
    const at::Tensor& value = executor.values[p];
    if (!same_bytes(before.parameters[p].tensor.values, {value.const_data_ptr<float>(), static_cast<std::size_t>(value.numel())}))
      changed.push_back(before.parameters[p].name);
  }
  EXPECT_EQ(changed, (std::vector<std::string>{"last.bn.running_mean", "last.bn.running_var"}));
}

/// AdaBN: of the whole network, by a stream that is another domain's.
TEST(AdaptStatistics, AreTheTargets) {
  TrainConfig config = config_of();
  config.batch = 10;
  const Unlabelled theirs = target(40);
  const graph::Graph before = network(), after = adapt_statistics(before, config, theirs);
  EXPECT_EQ(different(before, after), (std::vector<std::string>{"stem.bn.running_mean", "stem.bn.running_var", "middle.bn.running_mean",
                                                                "middle.bn.running_var", "last.bn.running_mean", "last.bn.running_var"}));
  std::vector<std::size_t> which(40);
  std::iota(which.begin(), which.end(), 0);
  const at::Tensor all = before_first_norm(inputs_of(before, theirs.fill, 0, which)), mean = all.mean(1);
  for (int64_t c = 0; c < 8; ++c)
    EXPECT_NEAR(after.find("stem.bn.running_mean")->tensor.values[static_cast<std::size_t>(c)], mean[c].item<double>(), 1e-5);
  EXPECT_EQ(different(after, adapt_statistics(before, config, theirs)), std::vector<std::string>{}) << "the same every time";
}

TEST(AdaptStatistics, SaysWhatCannotBe) {
  graph::Graph graph{.name = "plain"};
  graph::Builder b(graph);
  b.stage("head");
  b.linear("head", b.input({4}), {.out = 2});
  EXPECT_EQ(message_of([&] { adapt_statistics(graph, config_of(), target(8)); }),
            "adabn: plain has no batch norm; choose a method that trains, or a network with batch norm, such as resnet18");
  EXPECT_EQ(message_of([&] { adapt_statistics(network(), config_of(), target(1)); }), "adabn: the target has 1 photo, expected at least 2");
}

/// What is measured in the end of a training that adapts is of the photos that the network is for.
TEST(PreciseBatchNorm, OfAnAdaptationIsTheTargets) {
  TrainConfig config = config_of();
  config.adapt = Adaptation::mcc;
  config.precise_batch_norm = 100;
  config.lr = 1e-30;  // so that the weights stay
  const graph::Graph trained = train::train(network(), plan_of(transfer::Kind::full), config, {pictures(30, 1), {}, {target(40)}}).graph;
  const graph::Graph measured = adapt_statistics(network(), config, target(40));
  for (const char* name : {"stem.bn.running_mean", "last.bn.running_mean"})
    for (std::size_t i = 0; i < 8; ++i)
      EXPECT_NEAR(trained.find(name)->tensor.values[i], measured.find(name)->tensor.values[i], name[0] == 's' ? 0.02 : 0.1) << name;
}

TEST(PreciseBatchNorm, ChangesLiveStatisticsOnlyAndOnlyAtTheEnd) {
  TrainConfig config = config_of();
  const Samples samples = pictures(30, 1), val = pictures(9, 99);
  const TrainResult plain = train(network(), plan_of(transfer::Kind::full), config, samples, val);
  config.precise_batch_norm = 100;
  const TrainResult precise = train(network(), plan_of(transfer::Kind::full), config, samples, val);
  EXPECT_EQ(plain.history, precise.history);
  EXPECT_EQ(different(plain.graph, precise.graph),
            (std::vector<std::string>{"stem.bn.running_mean", "stem.bn.running_var", "middle.bn.running_mean", "middle.bn.running_var",
                                      "last.bn.running_mean", "last.bn.running_var"}));
  EXPECT_EQ(different(plain.graph, train(network(), plan_of(transfer::Kind::full), config_of(), samples, val).graph), std::vector<std::string>{});
}

}  // namespace
}  // namespace graft::train

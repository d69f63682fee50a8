#include "graft/transfer/co_tuning.h"

#include <gtest/gtest.h>

#include "graft/train/checks.h"
#include "graft/train/loop/update.h"
#include "graft/train/terms/loss.h"
#include "train/small.h"

namespace graft::train {
namespace {

using namespace small;

graph::Graph without_values(graph::Graph graph) {
  for (graph::Parameter& p : graph.parameters)
    if (p.name.starts_with("head")) p.tensor = {};
  return graph;
}

TEST(SourceHead, StandsBesideTheNewOneAndGoesAgain) {
  const graph::Graph both = transfer::with_source_head(network(), source());
  EXPECT_EQ(both.output_dims(), graph::Dims{3});
  EXPECT_EQ(both.nodes[both.output(transfer::kSourceLogits)].dims, graph::Dims{2});
  EXPECT_EQ(both.parameters.back().name, "source_head.bias");
  EXPECT_TRUE(same_bytes(both.find("source_head.weight")->tensor.values, source().find("head.weight")->tensor.values));
  const at::Tensor x = inputs_of(both, pictures(4, 1).fill, 0, std::vector<std::size_t>{0, 1, 2, 3});
  const Outputs out = Executor(both, at::kFloat).forward(x, {});
  EXPECT_TRUE(out.at(graph::kLogits).equal(Executor(network(), at::kFloat).predict(x)));
  EXPECT_TRUE(out.at(transfer::kSourceLogits).equal(Executor(source(), at::kFloat).predict(x)));
  const graph::Graph back = transfer::without_source_head(both);
  EXPECT_EQ(back.nodes.size(), network().nodes.size());
  EXPECT_EQ(back.output_dims(), graph::Dims{3});
  EXPECT_EQ(different(back, network()), std::vector<std::string>{});
}

TEST(SourceHead, OfANetworkWithoutAClassifierIsAnError) {
  const char* hint = "; choose --l2-sp or --delta, or a network with a classifier";
  EXPECT_EQ(message_of([] { transfer::check_co_tuning(without_values(source())); }),
            std::string("--co-tuning: small has no classifier of its own") + hint);
  graph::Graph two = source();
  const graph::Value x = graph::output_of(two);
  graph::Builder(two).linear("second", x, {.out = 2});
  EXPECT_EQ(message_of([&] { transfer::check_co_tuning(two); }),
            std::string("--co-tuning: small has a classifier that is more than one linear layer") + hint);
}

/// Pictures whose three classes have a relation to the source's two.
Samples related_pictures() {
  Samples samples = pictures(8, 1);
  samples.relation = {2, {0.9F, 0.1F, 0.5F, 0.5F, 0.2F, 0.8F}};
  return samples;
}

TrainConfig config_with_co_tuning() {
  TrainConfig config = config_of();
  config.co_tuning = 2.3;
  return config;
}

/// One step of a plain loop by the formula, on the logits of both heads.
TEST(CoTuning, TrainsBothHeadsByTheirOwnLoss) {
  const graph::Graph start = transfer::with_source_head(network(), source());
  const Samples samples = related_pictures();
  TrainConfig config = config_with_co_tuning();
  config.epochs = 1;
  config.schedule = {.kind = transfer::ScheduleKind::constant, .warmup = 0};
  const transfer::Plan plan = transfer::plan(network(), {.kind = transfer::Kind::head, .weight_decay = 0});
  const TrainResult trained = train(start, plan, config, samples, {});

  Executor executor(start, at::kFloat);
  executor.set_modes(modes_at(plan, 0));
  const std::vector<std::size_t> which = batches_of(8, 8, 0, 0)[0];
  const Outputs out = executor.forward(inputs_of(start, samples.fill, 0, which), {0, 0});
  const at::Tensor labels = labels_of(samples, which);
  const at::Tensor relation = at::tensor(at::ArrayRef(samples.relation.shares)).view({3, 2}).index_select(0, labels);
  executor.backward({{graph::kLogits, cross_entropy(out.at(graph::kLogits), labels, 8).gradient},
                     {transfer::kSourceLogits, (at::softmax(out.at(transfer::kSourceLogits), 1) - relation) * (2.3 / 8)}});
  for (const char* name : {"head.weight", "head.bias", "source_head.weight", "source_head.bias"}) {
    std::size_t p = 0;
    while (start.parameters[p].name != name) ++p;
    ASSERT_GT(executor.gradients[p].abs().max().item<double>(), 0) << name;
    const double rate = 0.05 * (1 + 0.9) * plan.stages.back().lr_scale;
    const at::Tensor wanted = executor.values[p] - rate * executor.gradients[p];
    const auto& ours = trained.graph.parameters[p].tensor.values;
    for (std::size_t i = 0; i < ours.size(); ++i) EXPECT_NEAR(ours[i], wanted.flatten()[static_cast<int64_t>(i)].item<float>(), 1e-5) << name;
  }
}

TEST(CoTuning, OfASampleThatWeighsNothingNeitherHeadLearns) {
  const graph::Graph start = transfer::with_source_head(network(), source());
  Samples samples = related_pictures();
  const TrainConfig config = config_with_co_tuning();
  const auto trained = [&] { return train(start, plan_of(transfer::Kind::full), config, samples, {}).graph; };
  const graph::Graph usual = trained();
  samples.weights.assign(8, 8.0 / 7);
  samples.weights[5] = 0;
  const graph::Graph without = trained();
  samples.labels[5] = (samples.labels[5] + 1) % 3;
  EXPECT_TRUE(different(trained(), without).empty());
  EXPECT_FALSE(different(without, usual).empty());
}

TEST(CoTuning, FromScratchIsAnError) {
  const TrainConfig config = config_with_co_tuning();
  EXPECT_EQ(message_of([&] { check_options(transfer::Kind::scratch, config); }),
            "--co-tuning 2.3: the strategy scratch has no pretrained classifier to learn with; choose --strategy full");
}

}  // namespace
}  // namespace graft::train

// What a step minimises, as a list of terms, and the streams that it draws from.
#include "graft/train/terms/term.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "graft/train/checks.h"
#include "graft/train/loop/batches.h"
#include "graft/train/loop/draw.h"
#include "graft/train/loop/step.h"
#include "graft/transfer/co_tuning.h"
#include "train/small.h"

namespace graft::train {
namespace {

using namespace small;
using Names = std::vector<std::string>;

Names names_of(const TrainConfig& config, const Samples& samples) {
  const graph::Graph graph = network();
  const transfer::Plan plan = plan_of(transfer::Kind::full);
  const Streams streams{samples};
  Names names;
  for (const Term& term : terms_of({graph, plan, config, streams, {}})) names.push_back(term.name);
  return names;
}

TEST(TermsOf, AreThoseThatTheOptionsAskFor) {
  Samples samples = pictures(8, 1);
  EXPECT_EQ(names_of(config_of(), samples), Names{"cross-entropy"});
  EXPECT_EQ(names_of({.loss = LossKind::focal, .bss = 0.1, .delta = 0.1}, samples), (Names{"focal", "bss", "delta"}));
  samples.teacher.assign(24, 0.5F);
  samples.relation = {2, {0.9F, 0.1F, 0.5F, 0.5F, 0.2F, 0.8F}};
  EXPECT_EQ(names_of(config_of(), samples), (Names{"cross-entropy", "distillation", "co-tuning"}));
}

/// Unlabelled pictures: numbers 1000 and on of those that pictures() makes.
Unlabelled unlabelled(std::size_t count) {
  return {count, [](uint64_t pass, std::span<const std::size_t> which, std::span<float> out) {
            std::vector<std::size_t> numbers;
            for (const std::size_t i : which) numbers.push_back(1000 + i);
            pictures(1, 7).fill(pass, numbers, out);
          }};
}

/// Pulls the mean of the logits towards the mean brightness of the unlabelled pictures: nonsense, but a function of both.
Term nonsense() {
  return {.name = "nonsense", .loss = [](const Outputs& outputs, const Batch& batch, std::size_t share) -> TermLoss {
            const at::Tensor& logits = outputs.at(graph::kLogits);
            const at::Tensor far = logits - batch.unlabelled.at(0).mean();
            return {0.5 * far.square().sum(at::kDouble).item<double>(), {{graph::kLogits, far / static_cast<double>(share)}}};
          }};
}

TEST(Draw, GivesABatchOfEachStreamWhoseEpochsAreItsOwn) {
  TrainConfig config = config_of();
  config.batch = 4;
  const graph::Graph graph = network();
  std::vector<std::vector<std::size_t>> seen(2);
  std::vector<uint64_t> passes;
  const auto watch = [&](std::size_t stream, std::size_t count) {
    return Unlabelled{count, [&, stream](uint64_t pass, std::span<const std::size_t> which, std::span<float> out) {
                        seen[stream].insert(seen[stream].end(), which.begin(), which.end());
                        if (stream == 0) passes.push_back(pass);
                        std::ranges::fill(out, static_cast<float>(stream));
                      }};
  };
  const Streams streams{pictures(8, 1), {}, {watch(0, 6), watch(1, 12)}};
  const std::vector<std::size_t> which{0, 1, 2, 3};
  for (uint64_t step = 0; step < 6; ++step) {
    const Batch batch = draw(graph, streams, config, 0, which, step);
    ASSERT_EQ(batch.unlabelled.size(), 2U);
    EXPECT_EQ(batch.unlabelled[1].sizes(), (std::vector<int64_t>{4, kSide, kSide, 3}));
    EXPECT_EQ(batch.unlabelled[1].min().item<float>(), 1);
  }
  EXPECT_EQ(passes, (std::vector<uint64_t>{0, 0, 1, 1, 2, 2})) << "six in batches of three";
  std::vector<std::size_t> first(seen[0].begin(), seen[0].begin() + 6), second(seen[0].begin() + 6, seen[0].begin() + 12);
  EXPECT_NE(first, second) << "in another order";
  std::ranges::sort(first);
  std::ranges::sort(second);
  EXPECT_EQ(first, (std::vector<std::size_t>{0, 1, 2, 3, 4, 5})) << "each once a pass";
  EXPECT_EQ(second, first);
  EXPECT_EQ(turn_of(6, config, 0, 4).which, turn_of(6, config, 0, 4).which);
  EXPECT_NE(turn_of(12, config, 0, 4).which, turn_of(12, config, 1, 4).which) << "each stream has its own order";
}

/// A term of a stranger's that looks at the unlabelled stream has its part in the gradient, as its slope says.
TEST(Step, SumsTheGradientsOfTerms) {
  const graph::Graph graph = network();
  const transfer::Plan plan = transfer::plan(graph, {.kind = transfer::Kind::full, .batch_norm = transfer::BatchNormMode::fixed});
  const TrainConfig config = config_of();
  const Streams streams{pictures(8, 1), {}, {unlabelled(6)}};
  Executor executor(graph, at::kFloat);
  executor.set_modes(modes_at(plan, 0));
  std::vector<Term> terms = terms_of({graph, plan, config, streams, {}});
  terms.push_back(nonsense());
  Step step(executor, graph, config, std::move(terms));
  const Batch batch = draw(graph, streams, config, 0, std::vector<std::size_t>{0, 1, 2, 3}, 2);
  const StepLoss loss = step(batch, 2, 4);
  ASSERT_EQ(loss.terms.size(), 2U);
  EXPECT_EQ(loss.sum, loss.terms[0]) << "what fits the labels";
  EXPECT_GT(loss.terms[1], 0);
  std::size_t bias = 0;
  while (graph.parameters[bias].name != "head.bias") ++bias;
  const at::Tensor gradient = executor.gradients[bias].clone();
  for (int64_t k = 0; k < 3; ++k) {
    constexpr double kStep = 1e-2;
    const auto at = [&](double by) {
      executor.values[bias][k] += by;
      const StepLoss there = step(batch, 2, 4);
      executor.values[bias][k] -= by;
      return (there.terms[0] + there.terms[1]) / 4;
    };
    EXPECT_NEAR((at(kStep) - at(-kStep)) / (2 * kStep), gradient[k].item<double>(), 1e-3);
  }
}

TEST(Train, TellsEachTermWhereThereAreSeveral) {
  TrainConfig config = config_of();
  const Samples samples = pictures(24, 1);
  EXPECT_TRUE(train(network(), plan_of(transfer::Kind::full), config, samples, {}).history.back().terms.empty());
  config.bss = 0.01;
  config.delta = 0.5;
  const EpochRecord last = train(network(), plan_of(transfer::Kind::full), config, samples, {}).history.back();
  ASSERT_EQ(last.terms.size(), 3U);
  EXPECT_EQ(last.terms.at("cross-entropy"), last.train_loss);
  EXPECT_GT(last.terms.at("bss"), 0);
  EXPECT_GT(last.terms.at("delta"), 0);
}

TEST(Check, AnEmptyStreamIsAnError) {
  const Streams streams{pictures(24, 1), {}, {unlabelled(3), unlabelled(0)}};
  EXPECT_EQ(message_of([&] { check(network(), plan_of(transfer::Kind::full), config_of(), streams); }),
            "training: a stream of unlabeled samples is empty; omit it");
}

}  // namespace
}  // namespace graft::train

// Group DRO: groups with large losses come to count more.
#include "graft/train/loop/group_weights.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "folder.h"
#include "graft/train/predict.h"
#include "train/small.h"

namespace graft::train {
namespace {

using namespace small;

Samples grouped() {
  Samples samples;
  samples.labels = {0, 0, 0, 1, 1, 1};
  samples.groups = {0, 0, 0, 0, 2, 2};  // nothing is in group 1
  return samples;
}

TEST(GroupWeights, BeginAlikeAndFollowTheLosses) {
  const Samples samples = grouped();
  GroupWeights weights(samples, 0.5);
  EXPECT_EQ(weights.values(), (std::vector<double>{0.5, 0, 0.5}));
  EXPECT_EQ(weights.of_samples(), (std::vector<double>{0.75, 0.75, 0.75, 0.75, 1.5, 1.5}));
  weights.update(std::vector<std::size_t>{0, 1, 6 + 4}, std::vector<float>{1, 3, 4});   // 6 + 4: sample 4 once more
  const double a = 0.5 * std::exp(0.5 * (1 + 3) / 2), b = 0.5 * std::exp(0.5 * 4 / 1);  // 3 of 6 samples: half of each group is expected
  EXPECT_NEAR(weights.values()[0], a / (a + b), 1e-12);
  EXPECT_NEAR(weights.values()[2], b / (a + b), 1e-12);
  EXPECT_EQ(weights.values()[1], 0);
  const std::vector<double> after = weights.values();
  weights.update(std::vector<std::size_t>{0, 1, 2}, std::vector<float>{1, 1, 1});  // group 2 is not in the batch, as it will be twice in others
  EXPECT_NEAR(weights.values()[0] / weights.values()[2], after[0] / after[2] * std::exp(0.5 * 1.5), 1e-12);
}

TEST(GroupWeights, MultiplyThoseOfTheSamples) {
  Samples samples = grouped();
  samples.weights = {1, 1, 1, 1, 0.5, 1.5};
  EXPECT_EQ(GroupWeights(samples, 0.5).of_samples(), (std::vector<double>{0.75, 0.75, 0.75, 0.75, 0.75, 2.25}));
}

/// Pictures whose kind tells the class, but for two of 24, where another one does: a group of their own.
Samples misled() {
  Samples samples = pictures(24, 1);
  samples.groups.assign(24, 0);
  for (const std::size_t i : {4, 13}) {
    samples.labels[i] = 2;
    samples.groups[i] = 1;
  }
  return samples;
}

/// The mean cross-entropy of the group where it is largest.
double worst_loss(const graph::Graph& trained, const TrainConfig& config, const Samples& samples) {
  const std::vector<float> logits = predict(trained, config, samples);
  std::array<double, 2> sums{}, counts{};
  for (std::size_t i = 0; i < samples.groups.size(); ++i) {
    const double log_sum = std::log(std::exp(logits[i * 3]) + std::exp(logits[i * 3 + 1]) + std::exp(logits[i * 3 + 2]));
    const auto g = static_cast<std::size_t>(samples.groups[i]);
    sums[g] += log_sum - logits[i * 3 + static_cast<std::size_t>(samples.labels[i])];
    ++counts[g];
  }
  return std::max(sums[0] / counts[0], sums[1] / counts[1]);
}

TEST(GroupWeights, MakeTheLossOfTheWorstGroupSmaller) {
  const Samples samples = misled();
  Samples plain = samples;
  plain.groups.clear();
  TrainConfig config = config_of();
  config.epochs = 40;
  config.group_step = 0.2;
  const TrainResult robust = train(network(), plan_of(transfer::Kind::full), config, samples, {}),
                    usual = train(network(), plan_of(transfer::Kind::full), config, plain, {});
  EXPECT_LT(worst_loss(robust.graph, config, samples), 0.8 * worst_loss(usual.graph, config, samples));
  ASSERT_EQ(robust.group_weights.size(), 2U);
  EXPECT_NEAR(robust.group_weights[0] + robust.group_weights[1], 1, 1e-12);
  EXPECT_TRUE(usual.group_weights.empty());
}

TEST(GroupWeights, GoOnAsTheyWereAfterAStop) {
  const Samples samples = misled(), val = pictures(9, 99);
  const transfer::Plan plan = plan_of(transfer::Kind::full);
  for (const bool sharp : {false, true}) {
    TrainConfig config = config_of();
    config.group_step = 0.3;
    config.accumulate = 2;
    if (sharp) config.sam = 0.05;
    const TrainResult whole = train(network(), plan, config, samples, val);
    const TestFolder folder;
    const Hooks hooks{.checkpoint = folder.path() / "checkpoint.safetensors", .identity = {{"data", "made"}}};
    int step = 0;
    Hooks stopped = hooks;
    stopped.stop = [&] { return ++step == 5; };
    EXPECT_THROW(train(network(), plan, config, samples, val, stopped), Interrupted);
    const TrainResult resumed = train(network(), plan, config, samples, val, hooks);
    EXPECT_EQ(different(whole.graph, resumed.graph), std::vector<std::string>{});
    EXPECT_EQ(whole.group_weights, resumed.group_weights);
  }
}

TEST(GroupWeights, ArePhotoByPhoto) {
  TrainConfig config = config_of();
  config.mixup = 0.2;
  EXPECT_EQ(message_of([&] { train(network(), plan_of(transfer::Kind::full), config, misled(), {}); }),
            "--balance-groups dro: uses the loss of each group, but --mixup and --cutmix blend photos of several; omit those");
}

}  // namespace
}  // namespace graft::train

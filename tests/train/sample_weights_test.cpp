// Samples that count more or less than others.
#include <gtest/gtest.h>

#include "graft/train/loop/mix.h"
#include "train/objective.h"
#include "train/small.h"

namespace graft::train {
namespace {

using namespace small;

at::Tensor logits() { return at::tensor({2.0F, -1.0F, 0.5F, 0.0F, 3.0F, -2.0F, 1.0F, 1.5F, -0.5F, -1.0F, 0.0F, 1.0F}).view({4, 3}); }
at::Tensor teacher() { return at::tensor({1.0F, 0.0F, -2.0F, 0.0F, 1.0F, 1.0F, -1.0F, 2.0F, 0.5F, 3.0F, 0.0F, 1.0F}).view({4, 3}).softmax(1); }

/// One sample of the batch.
Batch row(const Batch& all, int64_t i) {
  return {{}, all.targets.slice(0, i, i + 1), all.teacher.defined() ? all.teacher.slice(0, i, i + 1) : at::Tensor(), {}};
}

TEST(SampleWeights, MultiplyALossAndItsGradient) {
  const std::vector<int> labels{0, 1, 1, 2, 2, 2};
  for (const bool taught : {false, true})
    for (const TrainConfig& config : {TrainConfig{}, TrainConfig{.loss = LossKind::focal, .imbalance = Imbalance::weights, .label_smoothing = 0.1},
                                      TrainConfig{.imbalance = Imbalance::balanced_softmax}}) {
      const Objective objective(config, labels, 3);
      Batch batch{{},
                  one_hot_targets(at::tensor({0, 1, 2, 0}, at::kLong), 3),
                  taught ? teacher() : at::Tensor(),
                  at::tensor({0.0F, 0.5F, 2.0F, 1.5F})};
      const Loss weighed = objective(logits(), batch, 4);
      double sum = 0;
      for (int64_t i = 0; i < 4; ++i) {
        const Loss one = objective(logits().slice(0, i, i + 1), row(batch, i), 4);
        const auto weight = batch.weights[i].item<double>();
        sum += weight * one.sum;
        EXPECT_LT((weighed.gradient[i] - one.gradient[0] * weight).abs().max().item<double>(), 1e-6);
      }
      EXPECT_NEAR(weighed.sum, sum, 1e-5);
      EXPECT_EQ(weighed.right, 2) << "by number, whatever they weigh";
    }
}

TEST(SampleWeights, AreMixedAsTheLabelsAre) {
  Batch batch{at::zeros({2, 4}), at::eye(2), {}, at::tensor({3.0F, 1.0F})};
  mix(batch, {.kind = MixKind::mixup, .own = 0.75});
  EXPECT_TRUE(at::allclose(batch.weights, at::tensor({2.5F, 1.5F})));
}

TEST(SampleWeights, OnesChangeNothingAndZeroIsHardlyThere) {
  const Samples plain = pictures(24, 1);
  const auto trained = [&](const Samples& samples) { return train(network(), plan_of(transfer::Kind::full), config_of(), samples, {}).graph; };
  const graph::Graph usual = trained(plain);
  Samples ones = plain;
  ones.weights.assign(24, 1);
  EXPECT_TRUE(different(trained(ones), usual).empty());

  // Sample 5 gets another label; of weight 0 that is no matter.
  Samples without = plain;
  without.weights.assign(24, 24.0 / 23);
  without.weights[5] = 0;
  const graph::Graph right = trained(without);
  without.labels[5] = (without.labels[5] + 1) % 3;
  EXPECT_TRUE(different(trained(without), right).empty());
  EXPECT_FALSE(different(right, usual).empty());
}

}  // namespace
}  // namespace graft::train

// A step of self-supervised learning: its loss, and its gradients against slopes in float64.
#include "graft/train/loop/view_step.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "graft/train/compute/parallel.h"
#include "graft/train/terms/contrast.h"
#include "train/small.h"

namespace graft::train {
namespace {

constexpr StepSeed kSeed{3, 4};
const std::vector<std::size_t> kPhotos{5, 0, 7};

PretrainingConfig config_of(PretrainingMethod method) {
  PretrainingConfig config{.method = method, .batch = 3, .features = 8, .hidden = 6};
  config.queue = 4;
  return config;
}

at::Tensor pictures(double frequency = 0.7) {
  return at::sin(at::arange(6 * small::kSide * small::kSide * 3, at::kDouble) * frequency).view({6, small::kSide, small::kSide, 3});
}

graph::Graph encoder() { return graph::features(small::network()); }

ViewStep step_of(const PretrainingConfig& config) {
  set_threads(1);
  return ViewStep(encoder(), config, 9, at::kDouble, plain());
}

void expect_slopes(ViewStep& step, const std::function<double(const Outputs&)>& loss) {
  constexpr double kStep = 1e-6;
  Executor& network = step.online();
  for (std::size_t p = 0; p < network.values.size(); ++p) {
    if (!network.gradients[p].defined()) continue;
    at::Tensor& value = network.values[p];
    const at::Tensor gradient = network.gradients[p].clone(), here = value.clone();
    const at::Tensor way = at::cos(at::arange(value.numel(), at::kDouble) * 0.9).view(value.sizes());
    value.copy_(here + way * kStep);
    const double above = loss(network.forward(pictures(), kSeed));
    value.copy_(here - way * kStep);
    const double slope = (above - loss(network.forward(pictures(), kSeed))) / (2 * kStep);
    value.copy_(here);
    EXPECT_NEAR(slope, (gradient * way).sum().item<double>(), 1e-5 * std::max((gradient.norm() * way.norm()).item<double>(), 1e-2))
        << network.graph().parameters[p].name;
  }
}

class BatchNorms : public testing::TestWithParam<transfer::BatchNormMode> {};
INSTANTIATE_TEST_SUITE_P(ViewStep, BatchNorms, testing::Values(transfer::BatchNormMode::fixed, transfer::BatchNormMode::live));

TEST_P(BatchNorms, SimclrHasTheFormulasGradients) {
  PretrainingConfig config = config_of(PretrainingMethod::simclr);
  config.batch_norm = GetParam();
  ViewStep step = step_of(config);
  EXPECT_FALSE(step.queue.defined());
  const double first = step(pictures(1.1), std::vector<std::size_t>{1, 5, 2}, kSeed).loss;
  EXPECT_NEAR(first, nt_xent(step.online().forward(pictures(1.1), kSeed).at(kProjection), 0.2).value, 1e-12);
  const PastRows past{step.queue, at::tensor({0, 1, 0, 0, 0, 0, 0, 0, 0}).to(at::kBool).view({3, 3})};
  const double loss = step(pictures(), kPhotos, kSeed).loss;
  const auto formula = [&](const Outputs& outputs) { return nt_xent(outputs.at(kProjection), 0.2, past).value; };
  EXPECT_NEAR(loss, formula(step.online().forward(pictures(), kSeed)), 1e-12);
  step(pictures(), kPhotos, kSeed);  // with the gradients of a later queue: they are those of the formula with what was in it
  const PastRows later{at::cat({past.rows.narrow(0, 2, 1), step.queue.narrow(0, 1, 3)}),
                       at::tensor({0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1}).to(at::kBool).view({3, 4})};
  expect_slopes(step, [&](const Outputs& outputs) { return nt_xent(outputs.at(kProjection), 0.2, later).value; });
}

TEST(ViewStep, SimsiamStopsTheGradientOfWhatIsPredicted) {
  const PretrainingConfig config = config_of(PretrainingMethod::simsiam);
  ViewStep step = step_of(config);
  const double loss = step(pictures(), kPhotos, kSeed).loss;
  const at::Tensor target = other_views(step.online().forward(pictures(), kSeed).at(kProjection)).clone();
  const auto formula = [&](const Outputs& outputs) { return negative_cosine(outputs.at(kPrediction), target).value; };
  EXPECT_NEAR(loss, formula(step.online().forward(pictures(), kSeed)), 1e-12);
  step(pictures(), kPhotos, kSeed);
  expect_slopes(step, formula);
  EXPECT_FALSE(step.queue.defined());
}

TEST_P(BatchNorms, ByolPredictsWhatItsCopySees) {
  PretrainingConfig config = config_of(PretrainingMethod::byol);
  config.batch_norm = GetParam();
  ViewStep step = step_of(config);
  Executor& target = *step.target();
  for (std::size_t p = 0; p < target.values.size(); ++p)
    if (!target.graph().parameters[p].buffer)
      target.values[p].mul_(1.3).add_(0.02 * at::cos(at::arange(target.values[p].numel(), at::kDouble)).view(target.values[p].sizes()));
  const auto formula = [&](const Outputs& outputs) {
    const at::Tensor seen = other_views(target.forward(pictures(), kSeed).at(kProjection));
    const auto apart = [&](int64_t first) {  // |p - z|^2 of unit vectors, over the photos
      return (unit_rows(outputs.at(kPrediction)).rows - unit_rows(seen).rows).narrow(0, first, 3).square().sum(1).mean().item<double>();
    };
    return apart(0) + apart(3);
  };
  const double loss = step(pictures(), kPhotos, kSeed).loss;
  EXPECT_NEAR(loss, formula(step.online().forward(pictures(), kSeed)), 1e-12);
  step(pictures(), kPhotos, kSeed);
  expect_slopes(step, formula);
}

TEST(ViewStep, ByolsCopyFollowsEverSlower) {
  const PretrainingConfig config = config_of(PretrainingMethod::byol);
  ViewStep step = step_of(config);
  const at::Tensor before = step.target()->values[0].clone(), statistic = step.target()->values[3].clone();
  ASSERT_TRUE(step.target()->graph().parameters[3].buffer);
  EXPECT_TRUE(at::equal(before, step.online().values[0])) << "it begins as a copy";
  for (at::Tensor& value : step.online().values) value.add_(1);
  step.follow(0);
  EXPECT_NEAR((step.target()->values[0] - before).mean().item<double>(), 0.01, 1e-9);
  step.follow(0.5);
  EXPECT_NEAR((step.target()->values[0] - before).mean().item<double>(), 0.01 + 0.005 * 0.99, 1e-9);
  const at::Tensor late = step.target()->values[0].clone();
  step.follow(1);
  EXPECT_TRUE(at::equal(step.target()->values[0], late));
  EXPECT_TRUE(at::equal(step.target()->values[3], statistic)) << "its statistics are its own";
}

TEST(ViewStep, TheProjectorsAreThePapers) {
  const auto layers = [](PretrainingMethod method) {
    std::string text;
    const graph::Graph all = with_projector(encoder(), config_of(method), method != PretrainingMethod::simclr);
    for (const graph::Parameter& p : all.parameters)
      if (p.name.starts_with("pro") || p.name.starts_with("pre"))
        if (!p.buffer && p.name.ends_with("weight")) text += p.name + " " + graph::to_string(p.shape) + "\n";
    return text;
  };
  EXPECT_EQ(layers(PretrainingMethod::simclr), "projection.0.weight 6x8\nprojection.1.weight 6\nprojection.2.weight 8x6\n");
  EXPECT_EQ(layers(PretrainingMethod::simsiam),
            "projection.0.weight 6x8\nprojection.1.weight 6\nprojection.2.weight 8x6\nprojection.3.weight 8\n"
            "prediction.0.weight 2x8\nprediction.1.weight 2\nprediction.2.weight 8x2\n");
  EXPECT_EQ(layers(PretrainingMethod::byol),
            "projection.0.weight 6x8\nprojection.1.weight 6\nprojection.2.weight 8x6\n"
            "prediction.0.weight 6x8\nprediction.1.weight 6\nprediction.2.weight 8x6\n");
}

TEST(ViewStep, TheQueueHasNoPhotoTwice) {
  PretrainingConfig config;
  EXPECT_EQ(config.queue_length(10'000), 0);
  config.queue = 700;
  EXPECT_EQ(config.queue_length(10'000), 700);
  EXPECT_EQ(config.queue_length(100), 100);
  config.method = PretrainingMethod::byol;
  EXPECT_EQ(config.queue_length(10'000), 0);
}

}  // namespace
}  // namespace graft::train

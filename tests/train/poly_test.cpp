// Polynomial loss.
#include <gtest/gtest.h>

#include "graft/base/rng.h"
#include "train/objective.h"
#include "train/small.h"

namespace graft::train {
namespace {

using namespace small;

at::Tensor noise(uint64_t seed, int64_t rows, int64_t classes, double size) {
  Rng rng(seed);
  at::Tensor tensor = at::empty({rows, classes}, at::kDouble);
  for (int64_t i = 0; i < tensor.numel(); ++i) tensor.mutable_data_ptr<double>()[i] = size * (2 * rng.uniform() - 1);
  return tensor;
}

/// By the formulas, in float64.
double by_formula(const at::Tensor& logits, const at::Tensor& t, double epsilon, bool any_number) {
  if (!any_number) {
    const at::Tensor p = logits.softmax(1);
    return (t * (epsilon * (1 - p) - p.log())).sum().item<double>();
  }
  const at::Tensor p = logits.sigmoid();
  return (t * (epsilon * (1 - p) - p.log()) + (1 - t) * (epsilon * p - (1 - p).log())).sum().item<double>() / static_cast<double>(t.size(1));
}

TEST(Poly, ValueAndGradientAreThoseOfTheFormula) {
  constexpr double kStep = 1e-5;
  for (const bool any_number : {false, true})
    for (const double epsilon : {-1.0, 0.0, 2.0, 10.0}) {
      const std::vector<float> several(20, 0.5F);
      const Objective poly({.loss = LossKind::poly, .poly_epsilon = epsilon}, {0, 1, 2, 3, 0}, 4, any_number ? several : std::vector<float>{});
      const at::Tensor logits = noise(1, 5, 4, 3), t = any_number ? noise(2, 5, 4, 1).ge(0).to(at::kDouble) : noise(2, 5, 4, 2).softmax(1);
      const Loss loss = poly(logits.to(at::kFloat), {.targets = t.to(at::kFloat)}, 1);
      EXPECT_NEAR(loss.sum / by_formula(logits, t, epsilon, any_number), 1, 1e-5) << epsilon << any_number;
      for (int64_t i = 0; i < logits.numel(); ++i) {
        const auto moved = [&](double by) {
          at::Tensor there = logits.clone();
          there.view({-1})[i] += by;
          return by_formula(there, t, epsilon, any_number);
        };
        const double slope = (moved(kStep) - moved(-kStep)) / (2 * kStep);
        EXPECT_NEAR(loss.gradient.reshape({-1})[i].item<double>(), slope, 2e-6 * (1 + std::abs(epsilon))) << epsilon << any_number;
      }
    }
}

TEST(Poly, OfEpsilon0IsCrossEntropyAndOfALargerOneSureAnswersArePulledHarder) {
  const at::Tensor logits = at::tensor({0.2F, 0.0F, 6.0F, 0.0F}).view({2, 2}), targets = one_hot_targets(at::tensor({0, 0}, at::kLong), 2);
  const auto of = [&](TrainConfig config) { return Objective(config, {0, 1}, 2)(logits, {.targets = targets}, 1); };
  const Loss plain = of({}), none = of({.loss = LossKind::poly, .poly_epsilon = 0}), two = of({.loss = LossKind::poly});
  EXPECT_NEAR(none.sum, plain.sum, 1e-6);
  EXPECT_TRUE(at::allclose(none.gradient, plain.gradient));
  const at::Tensor more = two.gradient / plain.gradient;
  EXPECT_GT(more[1][0].item<double>(), more[0][0].item<double>()) << "up to 1 + 2 times where the answer is nearly sure";
  EXPECT_LT(more[1][0].item<double>(), 3);
}

TEST(Poly, ATrainingLearns) {
  TrainConfig config = config_of();
  config.epochs = 8;
  config.loss = LossKind::poly;
  const TrainResult result = train(network(), plan_of(transfer::Kind::full), config, pictures(96, 1), pictures(30, 99));
  EXPECT_LT(result.history.back().val_loss, result.history.front().val_loss);
}

}  // namespace
}  // namespace graft::train

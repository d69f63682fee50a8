// A step of CycleGAN: its losses and the gradients of all four networks, against formulas written plainly and slopes in float64.
#include "graft/train/loop/cycle_step.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "graft/train/compute/parallel.h"
#include "graft/train/loop/picture_pool.h"
#include "train/translating.h"

namespace graft::train {
namespace {

using namespace translating;

at::Tensor noise(int64_t pictures, double frequency) {
  return at::sin(at::arange(pictures * kSide * kSide * 3, at::kDouble) * frequency + frequency).view({pictures, kSide, kSide, 3});
}

/// A step, and what each network says by itself, at the weights as they are.
class Played {
 public:
  explicit Played(TranslationConfig given = {})
      : config((set_threads(1), given)),  // these networks are so small that threads only wait for each other
        step(networks(), config, at::kDouble, plain()),
        executors_{seen(step.to_target()), seen(step.to_source()), seen(step.of_source()), seen(step.of_target())} {}

  at::Tensor target_of(const at::Tensor& pictures) { return executors_[0].predict(pictures); }
  at::Tensor source_of(const at::Tensor& pictures) { return executors_[1].predict(pictures); }

  static double distance(const at::Tensor& a, const at::Tensor& b) {
    double sum = 0;
    const at::Tensor one = a.contiguous(), other = b.contiguous();
    for (int64_t i = 0; i < one.numel(); ++i) sum += std::abs(one.const_data_ptr<double>()[i] - other.const_data_ptr<double>()[i]);
    return sum / static_cast<double>(one.numel());
  }
  double missed(std::size_t discriminator, const at::Tensor& pictures, double truth) {
    const at::Tensor said = executors_[discriminator].predict(pictures).contiguous();
    double sum = 0;
    for (int64_t i = 0; i < said.numel(); ++i) sum += std::pow(said.const_data_ptr<double>()[i] - truth, 2);
    return sum / static_cast<double>(said.numel());
  }

  double adversarial() { return missed(3, target_of(source), 1) + missed(2, source_of(target), 1); }
  double cycle() { return distance(source_of(target_of(source)), source) + distance(target_of(source_of(target)), target); }
  double identity() { return distance(target_of(target), target) + distance(source_of(source), source); }
  double generators() { return adversarial() + config.cycle * cycle() + config.cycle * config.identity * identity(); }
  double discriminators(const MadePictures& made) {
    return 0.5 * (missed(2, source, 1) + missed(2, made.source, 0)) + 0.5 * (missed(3, target, 1) + missed(3, made.target, 0));
  }

  TranslationConfig config;
  CycleStep step;
  at::Tensor source = noise(2, 0.7), target = noise(3, 1.3);

 private:
  static Executor seen(const Executor& of) {
    Executor executor(of.graph(), at::kDouble, plain());
    executor.values = of.values;
    return executor;
  }

  std::vector<Executor> executors_;
};

/// The slope of `loss` along a direction of each parameter of the network.
void expect_slopes(Executor& network, const std::function<double()>& loss, const char* what) {
  constexpr double kStep = 1e-8;  // so small that hardly a bend of an activation lies within it
  for (std::size_t p = 0; p < network.values.size(); ++p) {
    at::Tensor& value = network.values[p];
    const at::Tensor gradient = network.gradients[p].clone(), here = value.clone();
    const at::Tensor way = at::cos(at::arange(value.numel(), at::kDouble) * 0.9).view(value.sizes());
    value.copy_(here + way * kStep);
    const double above = loss();
    value.copy_(here - way * kStep);
    const double slope = (above - loss()) / (2 * kStep);
    value.copy_(here);
    EXPECT_NEAR(slope, (gradient * way).sum().item<double>(), 1e-5 * std::max((gradient.norm() * way.norm()).item<double>(), 1.0))
        << what << ", " << network.graph().parameters[p].name;
  }
}

TEST(CycleStep, HasTheFormulasLosses) {
  Played game;
  CycleLosses losses;
  const MadePictures made = game.step.generate(game.source, game.target, losses);
  game.step.tell(game.source, game.target, made, losses);
  EXPECT_NEAR(losses.adversarial / game.adversarial(), 1, 1e-5);
  EXPECT_NEAR(losses.cycle / game.cycle(), 1, 1e-5);
  EXPECT_NEAR(losses.identity / game.identity(), 1, 1e-5);
  EXPECT_NEAR(losses.discriminators / game.discriminators(made), 1, 1e-5);
  EXPECT_NEAR(losses.of_generators(game.config) / game.generators(), 1, 1e-5);
  EXPECT_TRUE(at::equal(made.target, game.target_of(game.source)));
  EXPECT_TRUE(at::equal(made.source, game.source_of(game.target)));
}

TEST(CycleStep, HasTheFormulasGradients) {
  Played game;
  CycleLosses losses;
  const MadePictures made = game.step.generate(game.source, game.target, losses);
  for (const at::Tensor& gradient : game.step.of_target().gradients) EXPECT_FALSE(gradient.defined()) << "it does not help its rival";
  const auto generators = [&] { return game.generators(); };
  const auto discriminators = [&] { return game.discriminators(made); };
  expect_slopes(game.step.to_target(), generators, "to the target");
  expect_slopes(game.step.to_source(), generators, "to the source");
  game.step.tell(game.source, game.target, made, losses);
  expect_slopes(game.step.of_source(), discriminators, "of the source");
  expect_slopes(game.step.of_target(), discriminators, "of the target");
}

TEST(CycleStep, WeighsItsLosses) {
  Played game({.cycle = 3, .identity = 0});
  CycleLosses losses;
  game.step.generate(game.source, game.target, losses);
  EXPECT_NEAR(losses.of_generators(game.config) / (game.adversarial() + 3 * game.cycle()), 1, 1e-5);
  expect_slopes(
      game.step.to_target(), [&] { return game.generators(); }, "to the target");
}

TEST(PicturePool, KeepsThePicturesUntilItIsFullAndThenShowsSomeAgain) {
  PicturePool pool{.most = 4, .seed = 3}, same = pool;
  int old = 0;
  for (int64_t step = 0; step < 40; ++step) {
    const at::Tensor made = at::full({2, 1, 1, 3}, static_cast<double>(step), at::kDouble);
    const at::Tensor shown = pool.exchange(made, static_cast<uint64_t>(step));
    EXPECT_TRUE(at::equal(shown, same.exchange(made, static_cast<uint64_t>(step)))) << "a function of seed and step";
    for (int64_t i = 0; i < 2; ++i) {
      const double of = shown[i][0][0][0].item<double>();
      EXPECT_LE(of, static_cast<double>(step));
      EXPECT_TRUE(step >= 2 || of == static_cast<double>(step));
      old += of < static_cast<double>(step);
    }
    EXPECT_EQ(pool.pictures.size(), static_cast<std::size_t>(std::min<int64_t>(4, 2 * (step + 1))));
  }
  EXPECT_GT(old, 76 / 4);
  EXPECT_LT(old, 76 * 3 / 4);
}

}  // namespace
}  // namespace graft::train


#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "graft/base/config.h"
#include "graft/base/rng.h"
#include "train/objective.h"
#include "train/small.h"
#include "train/tensors.h"

namespace graft::train {
namespace {

using nlohmann::json;

/// Labels of which class k has counts[k].
std::vector<int> labels_of(const std::vector<std::size_t>& counts) {
  std::vector<int> labels;
  for (std::size_t k = 0; k < counts.size(); ++k) labels.insert(labels.end(), counts[k], static_cast<int>(k));
  return labels;
}

struct Options : TrainConfig {
  void fields(FieldList& v) {
    TrainConfig::fields(v);
    distill_fields(v);
  }
};

/// By their names, as a user gives them.
TrainConfig config_of(const json& options) {
  std::vector<std::string> words;
  for (const auto& [name, value] : options.items()) {
    words.push_back("--" + name);
    words.push_back(value.is_string() ? value.get<std::string>() : value.dump());
  }
  return configure<Options>({"test", "", {}}, words).values;
}

Batch of(const at::Tensor& targets) { return {.targets = targets}; }

double difference(const at::Tensor& a, const at::Tensor& b) { return ((a - b).abs().max() / b.abs().max()).item<double>(); }

at::Tensor random(Rng& rng, int64_t rows, int64_t classes, double size) {
  at::Tensor tensor = at::empty({rows, classes}, at::kFloat);
  for (int64_t i = 0; i < tensor.numel(); ++i) tensor.mutable_data_ptr<float>()[i] = static_cast<float>(size * (2 * rng.uniform() - 1));
  return tensor;
}

const json& goldens() {
  static const json all = json::parse(std::ifstream(GRAFT_TESTS "/train/losses.json"));
  return all;
}

TEST(Objective, AgreesWithTheFormulasInPyTorch) {
  std::size_t seen = 0;
  for (const json& golden : goldens()["losses"]) {
    SCOPED_TRACE(golden["options"].dump());
    const auto labels = labels_of(golden["counts"]);
    const TrainConfig config = config_of(golden["options"]);
    const Objective objective(config, labels, static_cast<int64_t>(golden["counts"].size()));
    const at::Tensor logits = tensor_of(golden["logits"]), targets = tensor_of(golden["targets"]);
    Batch batch = of(targets);
    if (golden.contains("teacher")) batch.teacher = (tensor_of(golden["teacher"]) / config.distill_temperature).softmax(1);
    const Loss loss = objective(logits, batch, 1);
    EXPECT_NEAR(loss.sum / golden["loss"].get<double>(), 1, 1e-5);
    EXPECT_LT(difference(loss.gradient, tensor_of(golden["gradient"])), 1e-5);
    EXPECT_EQ(loss.right, logits.argmax(1).eq(targets.argmax(1)).sum().item<int64_t>()) << "by the plain logits";
    EXPECT_TRUE(at::equal(objective(logits, batch, 4).gradient, loss.gradient / 4)) << "of sum / share";
    ++seen;
  }
  EXPECT_EQ(seen, 32U);
}

TEST(Objective, OfOneHotTargetsIsCrossEntropy) {
  Rng rng(3);
  const at::Tensor logits = random(rng, 8, 4, 5), labels = at::tensor({0, 1, 2, 3, 3, 2, 1, 0}, at::kLong);
  const std::vector<int> all = labels_of({5, 5, 5, 5});
  const Loss ours = Objective({}, all, 4)(logits, of(one_hot_targets(labels, 4)), 8), plain = cross_entropy(logits, labels, 8);
  EXPECT_EQ(ours.sum, plain.sum);
  EXPECT_EQ(ours.right, plain.right);
  EXPECT_TRUE(at::equal(ours.gradient, plain.gradient));
}

TEST(Objective, ClassesOfOneSizeAreLeftAlone) {
  Rng rng(4);
  const at::Tensor logits = random(rng, 6, 3, 5), targets = random(rng, 6, 3, 1).softmax(1);
  const Loss plain = Objective({}, labels_of({7, 7, 7}), 3)(logits, of(targets), 6);
  for (const auto imbalance : {Imbalance::weights, Imbalance::effective, Imbalance::balanced_softmax, Imbalance::sampling}) {
    const Loss loss = Objective({.imbalance = imbalance}, labels_of({7, 7, 7}), 3)(logits, of(targets), 6);
    EXPECT_NEAR(loss.sum, plain.sum, 1e-4);
    EXPECT_LT(difference(loss.gradient, plain.gradient), 1e-5);
  }
}

TEST(Objective, LogitsFarOutAreNumbers) {
  const at::Tensor logits = at::tensor({300.0F, -300.0F, 0.0F, -300.0F, 300.0F, 0.0F}, at::kFloat).view({2, 3});
  const at::Tensor targets = one_hot_targets(at::tensor({0, 0}, at::kLong), 3);
  for (const double gamma : {0.1, 0.5, 1.0, 2.0}) {
    const Loss loss =
        Objective({.loss = LossKind::focal, .focal_gamma = gamma, .label_smoothing = 0.1}, labels_of({1, 2, 3}), 3)(logits, of(targets), 2);
    EXPECT_TRUE(std::isfinite(loss.sum)) << gamma;
    EXPECT_TRUE(loss.gradient.isfinite().all().item<bool>()) << gamma;
  }
  const Loss absent = Objective({.imbalance = Imbalance::balanced_softmax}, labels_of({4, 0, 2}), 3)(logits, of(targets), 2);
  EXPECT_TRUE(std::isfinite(absent.sum)) << "a class that no sample has";
}

/// The gradient moves the logits against each other only, and is the slope of the loss.
TEST(Objective, TheGradientIsTheSlopeOfTheLoss) {
  EXPECT_TRUE(rc::check([] {
    Rng rng(*rc::gen::arbitrary<uint64_t>());
    TrainConfig config;
    config.loss = static_cast<LossKind>(rng.below(3));
    config.focal_gamma = 3 * rng.uniform();
    config.poly_epsilon = 4 * rng.uniform() - 1;
    config.imbalance = static_cast<Imbalance>(rng.below(6));
    config.label_smoothing = 0.5 * rng.uniform();
    const auto classes = static_cast<int64_t>(2 + rng.below(5));
    std::vector<std::size_t> counts;
    for (int64_t k = 0; k < classes; ++k) counts.push_back(1 + rng.below(50));
    const Objective objective(config, labels_of(counts), classes);
    const at::Tensor logits = random(rng, 3, classes, 3), targets = random(rng, 3, classes, 2).softmax(1), way = random(rng, 3, classes, 1);
    const Loss loss = objective(logits, of(targets), 1);
    RC_ASSERT(loss.gradient.sum(1).abs().max().item<double>() < 1e-4);
    const double step = 1e-2;
    const double rise = objective(logits + way * step, of(targets), 1).sum - objective(logits - way * step, of(targets), 1).sum;
    RC_ASSERT(std::abs(rise / (2 * step) - (loss.gradient * way).sum().item<double>()) < 2e-3 * (1 + std::abs(loss.sum)));
  }));
}

}  // namespace
}  // namespace graft::train

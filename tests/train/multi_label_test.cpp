// Samples of any number of classes.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "graft/base/error.h"
#include "graft/eval/multi_label.h"
#include "train/objective.h"
#include "train/small.h"
#include "train/tensors.h"

namespace graft::train {
namespace {

using namespace small;
using nlohmann::json;

TrainConfig config_of_options(const json& options) {
  TrainConfig config;
  if (options.contains("loss")) config.loss = LossKind::focal;
  if (options.contains("imbalance")) config.imbalance = Imbalance::weights;
  config.focal_gamma = options.value("focal-gamma", 2.0);
  config.label_smoothing = options.value("label-smoothing", 0.0);
  return config;
}

double difference(const at::Tensor& a, const at::Tensor& b) { return ((a - b).abs().max() / b.abs().max()).item<double>(); }

TEST(MultiLabel, AgreesWithPyTorchAndTorchvision) {
  const json goldens = json::parse(std::ifstream(GRAFT_TESTS "/train/multi_label.json"));
  const std::size_t samples = goldens["samples"], classes = goldens["positives"].size();
  std::vector<float> targets(samples * classes);
  for (std::size_t k = 0; k < classes; ++k)
    for (std::size_t i = 0; i < goldens["positives"][k]; ++i) targets[i * classes + k] = 1;
  std::size_t seen = 0;
  for (const json& golden : goldens["losses"]) {
    SCOPED_TRACE(golden["options"].dump());
    const Objective objective(config_of_options(golden["options"]), std::vector<int>(samples, -1), static_cast<int64_t>(classes), targets);
    const at::Tensor logits = tensor_of(golden["logits"]), of_batch = tensor_of(golden["targets"]);
    const Loss loss = objective(logits, {.targets = of_batch}, 6);
    EXPECT_NEAR(loss.sum / golden["loss"].get<double>(), 1, 1e-5);
    EXPECT_LT(difference(loss.gradient * 6, tensor_of(golden["gradient"])), 1e-5);
    if (golden["options"].empty()) {
      const Loss plain = binary_cross_entropy(logits, of_batch, 6);
      EXPECT_NEAR(plain.sum, loss.sum, 1e-5 * loss.sum);
      EXPECT_LT(difference(plain.gradient, loss.gradient), 1e-5);
      EXPECT_EQ(plain.right, loss.right);
    }
    ++seen;
  }
  EXPECT_EQ(seen, 16U);
}

TEST(MultiLabel, ASampleIsRightWhenAllItsClassesAre) {
  const at::Tensor logits = at::tensor({1.0F, -1.0F, 0.0F, 2.0F, -3.0F, -0.1F}).view({3, 2}),
                   targets = at::tensor({1.0F, 0.0F, 1.0F, 0.0F, 0.0F, 0.0F}).view({3, 2});
  EXPECT_EQ(all_right(logits, targets), 2) << "the second says a class too many";
}

TEST(MultiLabel, LogitsFarOutAreNumbers) {
  const at::Tensor logits = at::tensor({300.0F, -300.0F, 300.0F, -300.0F}).view({2, 2}), targets = at::tensor({1.0F, 0.0F, 0.0F, 1.0F}).view({2, 2});
  const std::vector<float> all{1, 0, 0, 1};
  for (const double gamma : {0.0, 0.5, 2.0}) {
    const Objective objective({.loss = LossKind::focal, .focal_gamma = gamma}, std::vector<int>(2, -1), 2, all);
    const Loss loss = objective(logits, {.targets = targets}, 2);
    EXPECT_TRUE(std::isfinite(loss.sum)) << gamma;
    EXPECT_TRUE(loss.gradient.isfinite().all().item<bool>()) << gamma;
  }
}

/// Every picture has its colour, and every other one the colour before that, too.
Samples several(std::size_t count, uint64_t salt) {
  Samples samples = pictures(count, salt);
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t c = 0; c < 3; ++c) samples.targets.push_back(i % 3 == c ? 1.0F : 0.0F);
  samples.labels.assign(count, -1);
  samples.task = data::MultiLabel{};
  return samples;
}

TEST(MultiLabel, ATrainingLearns) {
  TrainConfig config = config_of();
  config.epochs = 15;
  config.lr = 0.2;
  const TrainResult result = train(network(), plan_of(transfer::Kind::full), config, several(96, 1), several(30, 99));
  EXPECT_LT(result.history.back().val_loss, 0.6 * result.history.front().val_loss);
  EXPECT_GT(result.history.back().val_accuracy, 0.8);
  EXPECT_EQ(result.val_logits.size(), 90U);
  EXPECT_TRUE(result.history.back().scores.empty());
}

TEST(MultiLabel, TheBestEpochMayGoByMeanAveragePrecision) {
  TrainConfig config = config_of();
  config.epochs = 4;
  config.keep = Keep::best;
  config.stop_metric = "map";
  const Samples val = several(30, 99);
  const TrainResult result = train(network(), plan_of(transfer::Kind::full), config, several(96, 1), val);
  std::vector<float> p = result.val_logits;
  eval::sigmoid(p);
  const std::vector<std::string> names(3);
  const double map = eval::evaluate_multi_label(p, val.targets, names).mean_average_precision;
  double best = 0;
  for (const EpochRecord& e : result.history) best = std::max(best, e.scores.at("map"));
  EXPECT_EQ(map, best);
  EXPECT_EQ(map, result.history[static_cast<std::size_t>(result.kept_epoch)].scores.at("map"));
}

TEST(MultiLabel, AScoreOfAnotherTaskIsRefused) {
  TrainConfig config = config_of();
  config.stop_metric = "map";
  try {
    train(network(), plan_of(transfer::Kind::full), config, pictures(24, 1), pictures(9, 99));
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.subject(), "--stop-metric map");
    EXPECT_EQ(e.fact(),
              "is not a score for single-label photos, expected accuracy, balanced-accuracy, macro-f1, auroc, kappa, mcc, log-loss, brier, ece");
  }
}

}  // namespace
}  // namespace graft::train

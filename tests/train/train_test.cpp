#include "train/small.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "folder.h"

namespace graft::train {
namespace {

using namespace small;

TEST(Train, LearnsAndKeepsTheBestEpoch) {
  for (const auto optimiser : {OptimiserKind::sgd, OptimiserKind::adam, OptimiserKind::adamw, OptimiserKind::rmsprop}) {
    TrainConfig config = config_of(optimiser);
    config.epochs = 12;
    config.keep = Keep::best;
    const TrainResult result = train(network(), plan_of(transfer::Kind::full), config, pictures(96, 1), pictures(30, 99));
    ASSERT_EQ(result.history.size(), 12U);
    EXPECT_LT(result.history.back().train_loss, 0.6 * result.history.front().train_loss) << static_cast<int>(optimiser);
    EXPECT_GE(result.history[static_cast<std::size_t>(result.kept_epoch)].val_accuracy, 0.9) << static_cast<int>(optimiser);
    for (const EpochRecord& e : result.history) EXPECT_GE(e.val_loss, result.history[static_cast<std::size_t>(result.kept_epoch)].val_loss);
  }
}

TEST(Train, MomentumMayBeZero) {
  TrainConfig config = config_of();
  config.epochs = 12;
  config.momentum = 0;
  const std::vector<EpochRecord> history = train(network(), plan_of(transfer::Kind::full), config, pictures(96, 1), {}).history;
  EXPECT_LT(history.back().train_loss, 0.8 * history.front().train_loss);
}

TEST(Train, WhatIsFrozenStaysBitForBit) {
  using Names = std::vector<std::string>;
  const auto changed = [](const transfer::Strategy& strategy) {
    return different(train(network(), transfer::plan(network(), strategy), config_of(), pictures(24, 1), {}).graph, network());
  };
  EXPECT_EQ(changed({.kind = transfer::Kind::head}), (Names{"head.weight", "head.bias"}));
  EXPECT_EQ(changed({.kind = transfer::Kind::partial, .unfreeze = "last"}),
            (Names{"last.conv.weight", "last.bn.weight", "last.bn.bias", "head.weight", "head.bias"}))
      << "fixed statistics stay, too";
  EXPECT_EQ(changed({.kind = transfer::Kind::full, .batch_norm = transfer::BatchNormMode::live}).size(), network().parameters.size());
  EXPECT_EQ(changed({.kind = transfer::Kind::full, .batch_norm = transfer::BatchNormMode::fixed}).size(), network().parameters.size() - 6);
}

TEST(Train, EarlyStoppingEndsARunThatGetsNoBetter) {
  TrainConfig config = config_of();
  config.epochs = 50;
  config.patience = 2;
  config.lr = 1e-9;
  config.schedule.warmup = 0;
  Samples val = pictures(9, 99);
  const TrainResult result = train(network(), plan_of(transfer::Kind::head), config, pictures(24, 1), val);
  EXPECT_TRUE(result.stopped_early);
  EXPECT_LT(result.history.size(), 50U);
  EXPECT_EQ(static_cast<int>(result.history.size()) - 1 - result.kept_epoch, 2);
}

TEST(Train, ALossThatIsNoNumberEndsWithTheStepAndWhatToTry) {
  Samples broken = pictures(48, 1);
  broken.fill = [fill = broken.fill](uint64_t epoch, std::span<const std::size_t> which, std::span<float> out) {
    fill(epoch, which, out);
    if (epoch == 1) out[7] = std::nanf("");
  };
  const std::string text = message_of([&] { train(network(), plan_of(transfer::Kind::full), config_of(), broken, {}); });
  EXPECT_EQ(text, "training: the loss is NaN or infinite in step 1 of epoch 2; choose a lower --lr than 0.05, or --clip 1");
}

TEST(Train, ALossBeyondAllBoundsEndsWithTheLastCheckpoint) {
  const TestFolder folder;
  Samples large = pictures(48, 1);
  large.fill = [fill = large.fill, third = batches_of(48, 8, 0, 2)[2]](uint64_t epoch, std::span<const std::size_t> which, std::span<float> out) {
    fill(epoch, which, out);
    if (epoch == 2 && std::ranges::equal(which, third))
      for (float& x : out) x *= 1e6F;
  };
  TrainConfig config = config_of();
  config.lr = 1e-6;
  config.checkpoint_minutes = 1e-9;  // after every step
  const auto plan = transfer::plan(network(), {.kind = transfer::Kind::partial, .batch_norm = transfer::BatchNormMode::fixed});
  const std::string text = message_of([&] { train(network(), plan, config, large, {}, {.checkpoint = folder.path() / "checkpoint.safetensors"}); });
  EXPECT_EQ(
      text,
      "training: the loss grew to 6.2e+05 in step 3 of epoch 3; choose a lower --lr than 1e-06, or --clip 1; the last checkpoint is of step 2 of "
      "epoch 3");
}

TEST(Train, WeightsThatAreNoNumbersAreNotSaved) {
  const TestFolder folder;
  TrainConfig config = config_of();
  config.checkpoint_minutes = 1e-9;
  const auto plan = transfer::plan(network(), {.kind = transfer::Kind::head, .head_lr = 1e300});
  const std::string text = message_of([&] { train(network(), plan, config, pictures(8, 1), {}, {.checkpoint = folder.path() / "c"}); });
  EXPECT_EQ(text, "training: head.weight has values that are NaN or infinite after step 1 of epoch 1; choose a lower --lr than 0.05, or --clip 1");
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "c"));
}

TEST(Train, AValidationLossThatIsNoNumberIsAnError) {
  Samples val = pictures(9, 99);
  val.fill = [](uint64_t, std::span<const std::size_t>, std::span<float> out) { std::ranges::fill(out, 3e38F); };
  const std::string text = message_of([&] { train(network(), plan_of(transfer::Kind::head), config_of(), pictures(24, 1), val); });
  EXPECT_EQ(text, "training: the validation loss is NaN or infinite after epoch 1; choose a lower --lr than 0.05, or --clip 1");
}

TEST(Train, ClippingKeepsItFinite) {
  TrainConfig config = config_of();
  config.lr = 10;
  config.clip = 1e-3;
  EXPECT_TRUE(std::isfinite(train(network(), plan_of(transfer::Kind::full), config, pictures(48, 1), {}).history.back().train_loss));
}

TEST(Train, AccumulatedStepsAreOneLargerBatch) {
  const auto plan = transfer::plan(network(), {.kind = transfer::Kind::full, .batch_norm = transfer::BatchNormMode::fixed});
  graph::Graph graph = network();
  for (graph::Node& node : graph.nodes)
    if (auto* dropout = std::get_if<graph::Dropout>(&node.op)) dropout->probability = 0;  // drawn by step
  for (const auto optimiser : {OptimiserKind::sgd, OptimiserKind::adamw}) {
    TrainConfig config = config_of(optimiser);
    const TrainResult large = train(graph, plan, config, pictures(40, 1), {});
    config.batch = 2;
    config.accumulate = 4;
    const TrainResult small = train(graph, plan, config, pictures(40, 1), {});
    for (std::size_t p = 0; p < graph.parameters.size(); ++p)
      for (std::size_t i = 0; i < graph.parameters[p].tensor.values.size(); ++i)
        ASSERT_NEAR(large.graph.parameters[p].tensor.values[i], small.graph.parameters[p].tensor.values[i], 1e-3) << graph.parameters[p].name;
    EXPECT_NEAR(large.history.back().train_loss, small.history.back().train_loss, 1e-4);
    EXPECT_NEAR(large.history.back().train_accuracy, small.history.back().train_accuracy, 0.026);
    EXPECT_DOUBLE_EQ(large.history.back().lr, small.history.back().lr);
  }
}

TEST(Train, APlateauLowersTheLearningRate) {
  TrainConfig config = config_of();
  config.epochs = 8;
  config.lr = 1e-9;
  config.schedule = {.kind = transfer::ScheduleKind::plateau, .warmup = 0, .gamma = 0.5, .plateau_patience = 3};
  config.stop_metric = "val-accuracy";  // which no step of that size moves
  const TrainResult result = train(network(), plan_of(transfer::Kind::head), config, pictures(24, 1), pictures(9, 99));
  std::vector<double> factors;
  for (const EpochRecord& e : result.history) factors.push_back(e.lr / config.lr);
  EXPECT_EQ(factors, (std::vector<double>{1, 1, 1, 1, 0.5, 0.5, 0.5, 0.25}));
}

TEST(Train, WhatCannotBeIsAnErrorBeforeWork) {
  const auto text = [](const TrainConfig& config, std::size_t samples = 40, transfer::Kind kind = transfer::Kind::full) {
    return message_of([&] { train(network(), plan_of(kind), config, pictures(samples, 1), {}); });
  };
  EXPECT_EQ(message_of([] { train(network(), plan_of(transfer::Kind::head), config_of(), Streams{}); }),
            "training: there are no samples to train on");
  EXPECT_EQ(text({.batch = 64}), "--batch 64: the training set has 40 photos; choose at most 40");
  EXPECT_EQ(text({.batch = 2}, 1), "--batch 2: the training set has 1 photo; choose at most 1");
  EXPECT_EQ(text({.batch = 1}), "--batch 1: live batch norm needs at least 2 photos per step; choose --batch 2 or more, or --batch-norm fixed");
  EXPECT_EQ(text({.epochs = 1, .batch = 1}, 2, transfer::Kind::partial), "no error");
  EXPECT_EQ(text({.lr = 1e6}), "--lr 1e+06: expected below 1000");
  EXPECT_EQ(text({.lr = std::nan("")}), "--lr nan: expected below 1000");
  EXPECT_EQ(text({.l2_sp = 0.01}, 40, transfer::Kind::scratch),
            "--l2-sp 0.01: the strategy scratch has no pretrained weights to stay near; choose --strategy full");
  EXPECT_EQ(text({.wise = 0.5}, 40, transfer::Kind::scratch),
            "--wise 0.5: the strategy scratch has no pretrained weights to go back to; choose --strategy full");
  EXPECT_EQ(text({.ema = 0.9, .swa = 0.25}), "--swa 0.25: --ema averages the weights already; choose one of them");
  EXPECT_EQ(text({.swa = 0.25, .keep = Keep::best}),
            "--swa 0.25: is the average of the last epochs, not the best one; omit --keep best and --patience");
  EXPECT_EQ(text({.patience = 3}), "--patience 3: there are no validation photos to choose by; omit it, or hold photos out");
  EXPECT_EQ(text({.schedule = {.kind = transfer::ScheduleKind::plateau}}),
            "--schedule plateau: there are no validation photos to choose by; choose --schedule cosine");
}

TEST(BatchesOf, TwosOfAnOddNumberEndInAThree) {
  std::vector<std::size_t> sizes;
  for (const auto& batch : batches_of(7, 2, 1, 0)) sizes.push_back(batch.size());
  EXPECT_EQ(sizes, (std::vector<std::size_t>{2, 2, 3}));
  EXPECT_EQ(batches_of(1, 2, 1, 0).size(), 1U);
  EXPECT_EQ(batches_of(3, 1, 1, 0).size(), 3U);
}

TEST(BatchesOf, EverySampleOnceAndNoneAlone) {
  for (const std::size_t samples : {1U, 2U, 31U, 32U, 33U, 97U}) {
    std::set<std::size_t> seen;
    const auto batches = batches_of(samples, 32, 7, 3);
    for (const auto& batch : batches) {
      EXPECT_LE(batch.size(), 32U);
      EXPECT_GE(batch.size(), samples == 1 ? 1U : 2U);
      seen.insert(batch.begin(), batch.end());
    }
    EXPECT_EQ(seen.size(), samples);
    EXPECT_EQ(batches, batches_of(samples, 32, 7, 3));
    if (samples > 2) {
      EXPECT_NE(batches, batches_of(samples, 32, 7, 4)) << "another epoch has another order";
    }
  }
}

}  // namespace
}  // namespace graft::train

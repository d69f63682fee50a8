#include "graft/train/train.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <set>

#include "folder.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/rng.h"
#include "graft/graph/builder.h"
#include "models/rule.h"

namespace graft::train {
namespace {

using graph::Builder;
using graph::Value;

constexpr int kSide = 12;

/// Of every kind that is trained in another way: convolution, depthwise, batch norm, dropout, linear.
graph::Graph network() {
  graph::Graph graph{.name = "small"};
  Builder b(graph);
  b.stage("stem");
  Value x = relu(b.batch_norm("stem.bn", b.conv("stem.conv", b.input({3, kSide, kSide}), {.out = 8, .kernel = 3, .stride = 2})));
  b.stage("middle");
  x = relu(b.batch_norm("middle.bn", b.conv("middle.conv", x, {.out = 8, .kernel = 3, .groups = 8})));
  b.stage("last");
  x = x + relu(b.batch_norm("last.bn", b.conv("last.conv", x, {.out = 8, .kernel = 1})));
  x = apply(graph::Dropout{0.2}, {apply(graph::GlobalAveragePool{}, {x})});
  b.stage("head");
  b.linear("head", x, {.out = 3});
  rule::fill(graph);
  return graph;
}

/// Pictures of three kinds with noise: a function of sample and epoch.
Samples pictures(std::size_t count, uint64_t salt) {
  Samples samples;
  for (std::size_t i = 0; i < count; ++i) samples.labels.push_back(static_cast<int>(i % 3));
  samples.fill = [salt](uint64_t epoch, std::span<const std::size_t> which, std::span<float> out) {
    float* to = out.data();
    for (const std::size_t sample : which) {
      Rng rng(salt + epoch, sample);
      for (int i = 0; i < kSide * kSide; ++i)
        for (std::size_t c = 0; c < 3; ++c) *to++ = static_cast<float>(rng.uniform() + (c == sample % 3 ? 0.5 : 0.0));
    }
  };
  return samples;
}

transfer::Plan plan_of(transfer::Kind kind) { return transfer::plan(network(), {.kind = kind, .weight_decay = 1e-3}); }

TrainConfig config_of(OptimiserKind optimiser = OptimiserKind::sgd) {
  TrainConfig config{.epochs = 4, .batch = 8, .optimiser = optimiser, .lr = optimiser == OptimiserKind::sgd ? 0.05 : 0.005};
  config.threads = 2;
  return config;
}

std::vector<std::string> different(const graph::Graph& a, const graph::Graph& b) {
  std::vector<std::string> names;
  for (std::size_t p = 0; p < a.parameters.size(); ++p) {
    const auto x = a.parameters[p].tensor.values, y = b.parameters[p].tensor.values;
    if (x.size() != y.size() || std::memcmp(x.data(), y.data(), x.size_bytes()) != 0) names.push_back(a.parameters[p].name);
  }
  return names;
}

std::string message(const auto& action) {
  try {
    action();
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

TEST(Train, LearnsAndKeepsTheBestEpoch) {
  for (const auto optimiser : {OptimiserKind::sgd, OptimiserKind::adam, OptimiserKind::adamw, OptimiserKind::rmsprop}) {
    TrainConfig config = config_of(optimiser);
    config.epochs = 12;
    const TrainResult result = train(network(), plan_of(transfer::Kind::full), config, pictures(96, 1), pictures(30, 99));
    ASSERT_EQ(result.history.size(), 12U);
    EXPECT_LT(result.history.back().train_loss, 0.6 * result.history.front().train_loss) << static_cast<int>(optimiser);
    EXPECT_GE(result.history[static_cast<std::size_t>(result.best_epoch)].val_accuracy, 0.9) << static_cast<int>(optimiser);
    for (const EpochRecord& e : result.history) EXPECT_GE(e.val_loss, result.history[static_cast<std::size_t>(result.best_epoch)].val_loss);
  }
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

/// Stopped after every few steps and gone on with, again and again.
TrainResult in_pieces(const transfer::Plan& plan, const TrainConfig& config, const Samples& samples, const Samples& val, int steps,
                      const std::filesystem::path& checkpoint) {
  for (int pieces = 0;; ++pieces) {
    EXPECT_LT(pieces, 100);
    int left = steps;
    try {
      return train(network(), plan, config, samples, val,
                   {.stop = [&] { return --left == 0; }, .checkpoint = checkpoint, .identity = {{"data", "made"}}});
    } catch (const Interrupted&) {}
  }
}

TEST(Train, AResumedRunIsTheUninterruptedOne) {
  const Samples samples = pictures(30, 1), val = pictures(9, 99);
  for (const auto kind : {transfer::Kind::head, transfer::Kind::partial, transfer::Kind::full, transfer::Kind::gradual, transfer::Kind::scratch})
    for (const auto optimiser : {OptimiserKind::sgd, OptimiserKind::adamw, OptimiserKind::rmsprop}) {
      const TestFolder folder;
      TrainConfig config = config_of(optimiser);
      config.ema = optimiser == OptimiserKind::adamw ? 0.9 : 0;
      config.storage = optimiser == OptimiserKind::rmsprop ? Storage::bf16 : Storage::float32;
      const transfer::Plan plan = plan_of(kind);
      const TrainResult whole = train(network(), plan, config, samples, val);
      const TrainResult pieces = in_pieces(plan, config, samples, val, 3, folder.path() / "checkpoint.safetensors");
      EXPECT_EQ(different(whole.graph, pieces.graph), std::vector<std::string>{}) << static_cast<int>(kind) << static_cast<int>(optimiser);
      EXPECT_EQ(whole.history, pieces.history);
      EXPECT_EQ(whole.best_epoch, pieces.best_epoch);
    }
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
  EXPECT_EQ(static_cast<int>(result.history.size()) - 1 - result.best_epoch, 2);
}

TEST(Train, ALossThatIsNoNumberEndsWithTheStepAndWhatToTry) {
  TrainConfig config = config_of();
  config.lr = 1e30;
  config.schedule.warmup = 0;
  const std::string text = message([&] { train(network(), plan_of(transfer::Kind::full), config, pictures(48, 1), {}); });
  EXPECT_TRUE(text.starts_with("training: the loss is no number in step ")) << text;
  EXPECT_TRUE(text.ends_with("choose a lower --lr than 1e+30, or --clip 1; the last checkpoint is whole")) << text;
}

TEST(Train, ClippingKeepsItFinite) {
  TrainConfig config = config_of();
  config.lr = 10;
  config.clip = 1e-3;
  EXPECT_TRUE(std::isfinite(train(network(), plan_of(transfer::Kind::full), config, pictures(48, 1), {}).history.back().train_loss));
}

TEST(Train, NoSamplesAreAnError) {
  EXPECT_EQ(message([] { train(network(), plan_of(transfer::Kind::head), config_of(), {}, {}); }), "training: there are no samples to train on");
}

class CheckpointFile : public testing::Test {
 protected:
  CheckpointFile() {
    int left = 2;
    try {
      go_on({{"data", "made"}, {"lr", "0.05"}}, [&] { return --left == 0; });
    } catch (const Interrupted&) {}
  }
  void go_on(const std::map<std::string, std::string>& identity, const std::function<bool()>& stop = {}) const {
    train(network(), plan_of(transfer::Kind::partial), config_of(), pictures(24, 1), {}, {.stop = stop, .checkpoint = file_, .identity = identity});
  }
  std::string refusal(const std::map<std::string, std::string>& identity = {{"data", "made"}, {"lr", "0.05"}}) const {
    const std::string text = message([&] { go_on(identity); });
    return text.starts_with(file_.string() + ": ") ? text.substr(file_.string().size() + 2) : text;
  }

  TestFolder folder_;
  std::filesystem::path file_ = folder_.path() / "checkpoint.safetensors";
};

TEST_F(CheckpointFile, OfAnotherTrainingIsRefusedWithWhatChanged) {
  EXPECT_EQ(refusal({{"data", "other"}, {"lr", "0.1"}}),
            "is of another training: data was made, is other; lr was 0.05, is 0.1; start again without it, or go on from an older one");
  EXPECT_EQ(refusal({{"data", "made"}}), "is of another training: lr was 0.05, is not there; start again without it, or go on from an older one");
  EXPECT_EQ(refusal(), "no error");
}

TEST_F(CheckpointFile, DamagedOrEditedIsRefused) {
  const std::vector<std::byte> whole = read_file(file_);
  std::vector<std::byte> edited = whole;
  edited.back() ^= std::byte{1};
  write_file(file_, as_text(edited));
  EXPECT_EQ(refusal(), "was changed after it was written; start again without it, or go on from an older one");
  write_file(file_, as_text(Bytes(whole).first(whole.size() - 5)));
  EXPECT_NE(refusal(), "no error");
  write_file(file_, "");
  EXPECT_NE(refusal(), "no error");
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

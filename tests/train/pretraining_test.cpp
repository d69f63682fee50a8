#include "graft/train/pretraining.h"

#include <gtest/gtest.h>

#include "folder.h"
#include "train/masking.h"
#include "train/small.h"

namespace graft::train {
namespace {

using small::different, small::message_of, small::kSide;
namespace fs = std::filesystem;

constexpr std::size_t kPhotos = 21;
constexpr PretrainingMethod kOfViews[] = {PretrainingMethod::simclr, PretrainingMethod::simsiam, PretrainingMethod::byol};
constexpr PretrainingMethod kMethods[] = {PretrainingMethod::simclr, PretrainingMethod::simsiam, PretrainingMethod::byol, PretrainingMethod::mae};

/// Each photo has its own colors in four quarters; a view is brighter or darker, and noisy.
Unlabelled views(std::size_t count = kPhotos) {
  return {count, [count](uint64_t epoch, std::span<const std::size_t> which, std::span<float> out) {
            float* to = out.data();
            for (const std::size_t sample : which) {
              Rng photo(7, sample % count), view(100 + epoch, sample);
              double colors[12];
              for (double& c : colors) c = 2 * photo.uniform() - 1;
              const double light = view.uniform() - 0.5;
              for (int y = 0; y < kSide; ++y)
                for (int x = 0; x < kSide; ++x)
                  for (int c = 0; c < 3; ++c)
                    *to++ = static_cast<float>(colors[(2 * y / kSide * 2 + 2 * x / kSide) * 3 + c] + light + 0.3 * view.uniform());
            }
          }};
}

Unlabelled all_the_same() {
  return {kPhotos, [](uint64_t, std::span<const std::size_t>, std::span<float> out) { std::ranges::fill(out, 0.5F); }};
}

graph::Graph encoder() { return graph::features(small::network()); }

PretrainingNetworks networks_of(PretrainingMethod method) {
  return method == PretrainingMethod::mae ? masking::networks() : PretrainingNetworks{encoder()};
}

PretrainingConfig config_of(PretrainingMethod method, int epochs) {
  PretrainingConfig config{.method = method, .epochs = epochs, .batch = 6, .lr = 0.02, .features = 8, .hidden = 16, .seed = 5};
  config.queue = 9;
  if (method == PretrainingMethod::mae) config.lr = 0.003;
  return config;
}

/// Two numbers of the features, which show that they were given.
PhotosWatched watched() {
  return {views(5), [](std::span<const float> features) {
            double sum = 0;
            for (const float f : features) sum += f;
            return std::map<std::string, double>{{"count", static_cast<double>(features.size())}, {"sum", sum}};
          }};
}

TEST(Pretraining, LearnsAndGivesTheEncoderBack) {
  for (const PretrainingMethod method : kMethods) {
    const PretrainingResult result = train_pretraining(networks_of(method), config_of(method, 25), views());
    ASSERT_EQ(result.history.size(), 25U);
    const auto mean = [&](std::size_t from) { return (result.history[from].train_loss + result.history[from + 1].train_loss) / 2; };
    EXPECT_LT(mean(23), mean(0)) << to_string(method);
    for (const EpochRecord& e : result.history) {
      if (method == PretrainingMethod::mae) EXPECT_FALSE(e.scores.contains(kSpread));
      else EXPECT_GT(e.scores.at(kSpread), kLeastSpread);
    }
    const graph::Graph before = networks_of(method).encoder;
    EXPECT_EQ(result.encoder.parameters.size(), before.parameters.size());
    EXPECT_EQ(different(result.encoder, before).size(),
              static_cast<std::size_t>(std::ranges::count(before.parameters, false, &graph::Parameter::buffer)))
        << "all weights, and no statistics";
    EXPECT_LT(result.history.back().lr, result.history[5].lr);
  }
}

TEST(Pretraining, LiveBatchNormsEndWithTheStatisticsOfViews) {
  for (const PretrainingMethod method : {PretrainingMethod::simclr, PretrainingMethod::byol}) {
    PretrainingConfig config = config_of(method, 1);
    config.batch_norm = transfer::BatchNormMode::live;
    const PretrainingResult result = train_pretraining(networks_of(method), config, views());
    EXPECT_EQ(different(result.encoder, encoder()).size(), encoder().parameters.size()) << "weights and statistics";
  }
}

TEST(Pretraining, GoesOnByteForByte) {
  for (const PretrainingMethod method : kMethods) {
    const PretrainingResult whole = train_pretraining(networks_of(method), config_of(method, 3), views(), watched());
    for (const int stop_after : {1, 2, 5, 6, 9, 11, 15, 16}) {  // asked once before, in each of an epoch's four steps, and after it
      const TestFolder folder;
      int asked = 0;
      Hooks hooks{.checkpoint = folder / "state"};
      hooks.stop = [&] { return ++asked == stop_after; };
      EXPECT_THROW(train_pretraining(networks_of(method), config_of(method, 3), views(), watched(), hooks), Interrupted);
      hooks.stop = {};
      const PretrainingResult resumed = train_pretraining(networks_of(method), config_of(method, 3), views(), watched(), hooks);
      EXPECT_EQ(different(resumed.encoder, whole.encoder), std::vector<std::string>()) << to_string(method) << ", stopped at " << stop_after;
      EXPECT_EQ(resumed.history, whole.history);
      EXPECT_EQ(resumed.before, whole.before);
    }
  }
}

TEST(Pretraining, PhotosAreWatchedBeforeAndAfterEachEpoch) {
  std::vector<int> epochs;
  Hooks hooks;
  hooks.observe = [&](const EpochRecord& e) { epochs.push_back(e.epoch); };
  const PretrainingResult result = train_pretraining({encoder()}, config_of(PretrainingMethod::simclr, 2), views(), watched(), hooks);
  EXPECT_EQ(epochs, (std::vector<int>{-1, 0, 1}));
  EXPECT_EQ(result.before.at("count"), 5 * 8) << "five photos, eight features";
  EXPECT_NE(result.before.at("sum"), result.history[0].scores.at("sum"));
  PretrainingConfig still = config_of(PretrainingMethod::simclr, 1);
  const PretrainingResult again = train_pretraining({encoder()}, still, views(), watched());
  EXPECT_EQ(again.before, result.before);
  still.queue = 0;
  EXPECT_NE(train_pretraining({encoder()}, still, views()).history[0].train_loss, again.history[0].train_loss) << "the queue has a part in the loss";
}

TEST(Pretraining, ACollapseStopsIt) {
  for (const PretrainingMethod method : kOfViews)  // of a network without dropout, in which even equal pictures differ
    EXPECT_THROW(train_pretraining({graph::features(graph::with_dropout(small::network(), 0))}, config_of(method, 3), all_the_same()), Collapsed);
  const auto error_with = [](double before, double after) {
    PhotosWatched watched{views(5)};
    watched.scores = [=, first = true](std::span<const float>) mutable {
      return std::map<std::string, double>{{kEffectiveRank, std::exchange(first, false) ? before : after}};
    };
    return message_of([&] { train_pretraining({encoder()}, config_of(PretrainingMethod::simclr, 3), views(), watched); });
  };
  EXPECT_EQ(error_with(1.2, 3),
            "pretraining: the network sees hardly any difference between the photos, even before (effective rank 1.200); give photos that differ");
  EXPECT_EQ(
      error_with(3, 1.2),
      "pretraining: has collapsed in epoch 1: the network sees hardly any difference between photos (effective rank of the features 1.200, "
      "expected at least 1.5); nothing of it is kept: choose a lower --lr, a larger --batch or --method simclr, and look whether the photos differ");
}

TEST(Pretraining, WhatCannotBeDoneIsSaid) {
  const auto message = [](const auto& change, const Unlabelled& photos) {
    PretrainingConfig config = config_of(PretrainingMethod::simclr, 2);
    change(config);
    return message_of([&] { train_pretraining({encoder()}, config, photos); });
  };
  EXPECT_EQ(message([](auto& c) { c.batch = 1; }, views()),
            "--batch 1: is too small for contrast: the views of a photo are compared with those of others; choose 8 or more");
  EXPECT_EQ(train_pretraining(masking::networks(), {.method = PretrainingMethod::mae, .epochs = 1, .batch = 1}, views(3)).history.size(), 1U)
      << "which compares no photos";
  EXPECT_EQ(message([](auto&) {}, views(5)),
            "--batch 6: there are only 5 photos, and a batch is of different photos; choose a smaller --batch, or give more photos");
  EXPECT_EQ(message([](auto& c) { c.lr = 1e30; }, views()),
            "pretraining: the loss is NaN or infinite in step 2 of epoch 1; choose a lower --lr than 1e+30");
}

TEST(Pretraining, DoesNotGoOnFromAnotherOne) {
  const TestFolder folder;
  Hooks hooks{.stop = [] { return true; }, .checkpoint = folder / "state", .identity = {{"seed", "5"}}};
  const auto run = [&] { train_pretraining({encoder()}, config_of(PretrainingMethod::byol, 3), views(), {}, hooks); };
  EXPECT_THROW(run(), Interrupted);
  hooks.identity["seed"] = "6";
  const std::string message = message_of(run);
  EXPECT_NE(message.find("state: belongs to another training: seed was 5, is 6;"), std::string::npos) << message;
}

}  // namespace
}  // namespace graft::train

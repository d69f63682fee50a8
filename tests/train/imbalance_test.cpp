// A rare class that overlaps a common one: what --imbalance is for.
#include <gtest/gtest.h>

#include "train/small.h"

namespace graft::train {
namespace {

using namespace small;

/// Grey pictures of `counts[0]` dark and `counts[1]` brighter ones, by less than they differ among themselves.
Samples shades(const std::vector<std::size_t>& counts, uint64_t salt) {
  Samples samples;
  for (std::size_t k = 0; k < counts.size(); ++k) samples.labels.insert(samples.labels.end(), counts[k], static_cast<int>(k));
  samples.fill = [salt, labels = samples.labels](uint64_t, std::span<const std::size_t> which, std::span<float> out) {
    float* to = out.data();
    for (const std::size_t sample : which) {
      Rng rng(salt, sample);
      const double shade = rng.uniform() + rng.uniform() + 0.5 * labels[sample % labels.size()];
      for (int i = 0; i < kSide * kSide * 3; ++i) *to++ = static_cast<float>(shade - 1 + 0.2 * rng.uniform());
    }
  };
  return samples;
}

/// On as many of each class.
double balanced_accuracy(Imbalance imbalance, uint64_t seed) {
  TrainConfig config = config_of();
  config.epochs = 10;
  config.batch = 16;
  config.lr = 0.01;
  config.schedule.warmup = 0.2;
  config.seed = seed;
  config.imbalance = imbalance;
  const auto plan = transfer::plan(network(), {.kind = transfer::Kind::full, .batch_norm = transfer::BatchNormMode::fixed});
  return train(network(), plan, config, shades({400, 20}, 1 + seed), shades({150, 150}, 99)).history.back().val_accuracy;
}

TEST(Imbalance, EachWayFindsMoreOfTheRareClass) {
  for (const uint64_t seed : {0U, 1U}) {
    const double plain = balanced_accuracy(Imbalance::none, seed);
    for (const auto way : {Imbalance::weights, Imbalance::effective, Imbalance::balanced_softmax, Imbalance::sampling}) {
      const double balanced = balanced_accuracy(way, seed);
      EXPECT_GT(balanced, plain + 0.05) << static_cast<int>(way) << ", seed " << seed << ": " << balanced << " and " << plain;
      RecordProperty(std::to_string(static_cast<int>(way)) + "-" + std::to_string(seed), std::to_string(balanced) + " " + std::to_string(plain));
    }
  }
}

}  // namespace
}  // namespace graft::train

#include "graft/train/loop/batches.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>

#include "graft/base/class_weights.h"
#include "graft/base/rng.h"

namespace graft::train {
namespace {

TEST(BalancedOrder, EveryClassAsOftenAndItsSamplesInTurn) {
  EXPECT_TRUE(rc::check([] {
    Rng rng(*rc::gen::arbitrary<uint64_t>());
    const std::size_t classes = 1 + rng.below(6);
    std::vector<int> labels;
    for (std::size_t k = 0; k < classes; ++k) labels.insert(labels.end(), 1 + rng.below(40), static_cast<int>(2 * k));  // some classes are not there
    const uint64_t seed = rng.below(1000), epoch = rng.below(100);
    const auto order = balanced_order(labels, seed, epoch);
    RC_ASSERT(order.size() == labels.size());
    RC_ASSERT(order == balanced_order(labels, seed, epoch));
    std::map<int, std::size_t> of_class;
    std::map<std::size_t, std::size_t> of_sample;
    for (const std::size_t which : order) {
      const std::size_t i = which % labels.size();
      RC_ASSERT(which / labels.size() == of_sample[i]);  // its copies are numbered
      ++of_class[labels[i]], ++of_sample[i];
    }
    for (std::size_t i = 0; i < labels.size(); ++i) of_sample[i] += 0;
    for (const auto& [label, count] : of_class) RC_ASSERT(count == labels.size() / classes || count == labels.size() / classes + 1);
    for (const auto& [sample, count] : of_sample)
      for (const auto& [other, others] : of_sample)
        if (labels[sample] == labels[other]) RC_ASSERT(count <= others + 1);
  }));
}

TEST(BalancedOrder, AnotherEpochOrSeedIsAnother) {
  std::vector<int> labels(60, 0);
  labels.resize(80, 1);
  EXPECT_NE(balanced_order(labels, 1, 0), balanced_order(labels, 1, 1));
  EXPECT_NE(balanced_order(labels, 1, 0), balanced_order(labels, 2, 0));
}

TEST(RepeatedOrder, EverySampleInOneOfAsManyEpochsAndItsCopiesTogether) {
  EXPECT_TRUE(rc::check([] {
    Rng rng(*rc::gen::arbitrary<uint64_t>());
    const std::size_t samples = 1 + rng.below(60), times = 1 + rng.below(5);
    const uint64_t seed = rng.below(1000), cycle = rng.below(20);
    const std::size_t epochs = std::min(times, samples);
    std::map<std::size_t, std::size_t> epochs_of;
    for (std::size_t e = 0; e < epochs; ++e) {
      const auto order = repeated_order(samples, times, seed, cycle * times + e);
      RC_ASSERT(order.size() == samples);
      RC_ASSERT(order == repeated_order(samples, times, seed, cycle * times + e));
      std::map<std::size_t, std::size_t> seen;
      for (std::size_t i = 0; i < order.size(); ++i) {
        RC_ASSERT(order[i] / samples == seen[order[i] % samples]++);
        RC_ASSERT(i == 0 || order[i] < samples || order[i] - samples == order[i - 1]);
      }
      for (const auto& [sample, count] : seen) {
        ++epochs_of[sample];
        RC_ASSERT(count == samples / seen.size() || count == samples / seen.size() + 1);
      }
    }
    if (samples < times) return;
    RC_ASSERT(epochs_of.size() == samples);
    for (const auto& [sample, count] : epochs_of) RC_ASSERT(count == 1U);
  }));
  EXPECT_NE(repeated_order(60, 3, 1, 0), repeated_order(60, 3, 2, 0));
  EXPECT_NE(repeated_order(60, 3, 1, 0), repeated_order(60, 3, 1, 3));
}

TEST(BatchesOf, RepeatedHaveTheCopiesOfAPhotoTogetherButNotInARow) {
  const std::vector<int> labels(96, 0);
  const Batches plain = batches_of(labels, {.batch = 16}, 4), repeated = batches_of(labels, {.batch = 16, .repeated = 3}, 4);
  ASSERT_EQ(repeated.size(), plain.size());
  std::size_t neighbours = 0;
  for (const auto& batch : repeated) {
    EXPECT_EQ(batch.size(), 16U);
    std::map<std::size_t, int> copies;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      ++copies[batch[i] % 96];
      neighbours += i > 0 && batch[i] % 96 == batch[i - 1] % 96 ? 1 : 0;
    }
    EXPECT_LE(copies.size(), 7U);
  }
  EXPECT_LT(neighbours, 30U) << "of 90: mixup mixes neighbours";
}

TEST(BatchesOf, FollowTheSampling) {
  std::vector<int> labels(90, 0);
  labels.resize(100, 1);
  const auto rare = [&](const Batches& batches) {
    std::size_t count = 0;
    for (const auto& batch : batches)
      for (const std::size_t i : batch) count += labels[i % labels.size()] == 1 ? 1 : 0;
    return count;
  };
  const Batches plain = batches_of(labels, {.batch = 16}, 4), balanced = batches_of(labels, {.batch = 16, .imbalance = Imbalance::sampling}, 4);
  EXPECT_EQ(plain.size(), balanced.size());
  EXPECT_EQ(rare(plain), 10U);
  EXPECT_EQ(rare(balanced), 50U);
}

}  // namespace
}  // namespace graft::train

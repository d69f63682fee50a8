#include "graft/train/batches.h"

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
    for (const std::size_t i : order) ++of_class[labels[i]], ++of_sample[i];
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

TEST(BatchesOf, FollowTheSampling) {
  std::vector<int> labels(90, 0);
  labels.resize(100, 1);
  const auto rare = [&](const Batches& batches) {
    std::size_t count = 0;
    for (const auto& batch : batches)
      for (const std::size_t i : batch) count += labels[i] == 1 ? 1 : 0;
    return count;
  };
  const Batches plain = batches_of(labels, {.batch = 16}, 4), balanced = batches_of(labels, {.batch = 16, .imbalance = Imbalance::sampling}, 4);
  EXPECT_EQ(plain.size(), balanced.size());
  EXPECT_EQ(rare(plain), 10U);
  EXPECT_EQ(rare(balanced), 50U);
}

}  // namespace
}  // namespace graft::train

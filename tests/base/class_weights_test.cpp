#include "graft/base/class_weights.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>

#include "graft/base/rng.h"

namespace graft {
namespace {

TEST(ClassWeights, OfCui) {
  const std::vector<std::size_t> images{900, 100, 0};
  EXPECT_EQ(class_weights(images, ClassWeights::none), (std::vector<double>{1, 1, 0}));
  const auto balanced = class_weights(images, ClassWeights::balanced);
  EXPECT_DOUBLE_EQ(balanced[0], 1000.0 / 1800);
  EXPECT_DOUBLE_EQ(balanced[1], 5);
  EXPECT_EQ(balanced[2], 0);
  const auto effective = class_weights(images, {ClassWeights::effective, 0.99});
  EXPECT_NEAR(effective[1] / effective[0], (1 - std::pow(0.99, 900)) / (1 - std::pow(0.99, 100)), 1e-12);
}

TEST(ClassWeights, EffectiveLiesBetweenNoneAndBalanced) {
  EXPECT_TRUE(rc::check([] {
    Rng rng(*rc::gen::arbitrary<uint64_t>());
    std::vector<std::size_t> images;
    for (int k = 0; k < 4; ++k) images.push_back(1 + rng.below(500));
    const auto balanced = class_weights(images, ClassWeights::balanced);
    const auto much = class_weights(images, {ClassWeights::effective, 0.9999999}), little = class_weights(images, {ClassWeights::effective, 1e-9});
    const auto some = class_weights(images, {ClassWeights::effective, 0.99});
    double all = 0, weighted = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      RC_ASSERT(std::abs(much[k] / balanced[k] - 1) < 1e-3);
      RC_ASSERT(std::abs(little[k] - 1) < 1e-6);
      all += static_cast<double>(images[k]);
      weighted += static_cast<double>(images[k]) * some[k];
      for (std::size_t j = 0; j < 4; ++j)
        if (images[j] < images[k]) RC_ASSERT(some[j] >= some[k] && some[j] * balanced[k] <= balanced[j] * some[k] * (1 + 1e-9));
    }
    RC_ASSERT(std::abs(weighted / all - 1) < 1e-9);
  }));
}

TEST(ClassCounts, Counts) { EXPECT_EQ(class_counts(std::vector<int>{2, 0, 2, 2}, 4), (std::vector<std::size_t>{1, 0, 3, 0})); }

}  // namespace
}  // namespace graft

#include "graft/study/halving.h"

#include <gtest/gtest.h>

#include <cmath>

namespace graft::study {
namespace {

using Trials = std::vector<std::size_t>;

TEST(Halving, RungsGoUpToAllEpochs) {
  EXPECT_EQ(rungs_of(10), (std::vector<int>{1, 3, 10}));
  EXPECT_EQ(rungs_of(30), (std::vector<int>{3, 10, 30}));
  EXPECT_EQ(rungs_of(2), (std::vector<int>{1, 2}));
  EXPECT_EQ(rungs_of(1), (std::vector<int>{1}));
}

TEST(Halving, AThirdGoesOn) {
  EXPECT_EQ(counts_of(30, 3), (Trials{30, 10, 4}));
  EXPECT_EQ(counts_of(4, 3), (Trials{4, 2, 2})) << "there is always something to compare";
  EXPECT_EQ(counts_of(2, 1), (Trials{2}));
}

/// Losses of four photos about a mean.
Judged about(std::size_t trial, double mean, double spread = 0.01) {
  return {trial, {mean - spread, mean + spread, mean + 2 * spread, mean - 2 * spread}};
}

TEST(Halving, TheBestGoOnAndTheDefaultInAnyCase) {
  EXPECT_EQ(promoted(std::vector{about(0, 0.9), about(1, 0.3), about(2, 0.301, 0.011), about(3, 0.302, 0.03)}, 2), (Trials{0, 1, 2}));
  EXPECT_EQ(promoted(std::vector{about(0, 0.1), about(1, 0.101, 0.02)}, 2), (Trials{0, 1}));
}

TEST(Halving, WhatIsBehindBeyondDoubtOrFailedDoesNot) {
  EXPECT_EQ(promoted(std::vector{about(0, 0.3), about(1, 0.31, 0.02), about(2, 0.6, 0.02)}, 3), (Trials{0, 1}));
  EXPECT_EQ(promoted(std::vector{about(0, 0.3), Judged{1, {}}}, 2), (Trials{0}));
}

TEST(Halving, TheDefaultIsKeptUnlessAnotherIsBetterByAStandardError) {
  EXPECT_EQ(best_trial(std::vector{about(0, 0.301, 0.02), about(1, 0.3)}), 0U);
  EXPECT_EQ(best_trial(std::vector{about(0, 0.5, 0.02), about(1, 0.3)}), 1U);
  EXPECT_EQ(best_trial(std::vector{about(0, 0.5), Judged{1, {}}}), 0U);
}

}  // namespace
}  // namespace graft::study

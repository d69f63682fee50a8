// Where fine-tuning begins, by how many steps it has.
#include "graft/fit/more/beginning.h"

#include <gtest/gtest.h>

namespace graft::fit {
namespace {

FitConfig chosen(std::size_t photos, const std::vector<std::string>& words, const std::string& strategy = "full") {
  std::vector<std::string> all{"photos", "--strategy", strategy};
  all.insert(all.end(), words.begin(), words.end());
  Configured<FitConfig> config = configure<FitConfig>({"graft fit", "", {}}, all);
  const Listener listener;
  Job job{.config = config, .listener = listener};
  job.splits.train.resize(photos);
  choose_recipe(job);
  return config.values;
}

void expect_solved(const FitConfig& c) {
  EXPECT_EQ(c.begin, Beginning::solved);
  EXPECT_EQ(c.plan.batch_norm, transfer::BatchNormMode::fixed);
  EXPECT_EQ(c.plan.head_lr, 1);
}
void expect_random(const FitConfig& c) {
  EXPECT_EQ(c.begin, Beginning::random);
  EXPECT_EQ(c.plan.batch_norm, transfer::BatchNormMode::automatic);
  EXPECT_EQ(c.plan.head_lr, 10);
}

TEST(Beginning, FewStepsGoOnFromTheSolvedLayer) {
  expect_solved(chosen(244, {}));   // 80 steps
  expect_solved(chosen(928, {}));   // 290
  expect_random(chosen(929, {}));   // 300
  expect_random(chosen(1970, {}));  // 620
  expect_random(chosen(244, {"--epochs", "38"}));
  expect_solved(chosen(244, {"--epochs", "37"}));
  expect_random(chosen(244, {"--batch", "8"}));
  expect_solved(chosen(244, {}, "partial"));
}

TEST(Beginning, WhatTheUserSaysStays) {
  expect_random(chosen(244, {"--begin", "random"}));
  const FitConfig live = chosen(244, {"--batch-norm", "live"});
  EXPECT_EQ(live.begin, Beginning::random) << "a solved layer is none for other statistics";
  EXPECT_EQ(live.plan.head_lr, 10);
  EXPECT_EQ(chosen(244, {"--hidden", "8"}).begin, Beginning::random) << "only a linear layer is solved";
  EXPECT_EQ(chosen(1970, {"--begin", "solved"}).plan.batch_norm, transfer::BatchNormMode::automatic);
}

}  // namespace
}  // namespace graft::fit

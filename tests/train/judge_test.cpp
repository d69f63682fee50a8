#include "graft/train/loop/judge.h"

#include <gtest/gtest.h>

namespace graft::train {
namespace {

std::vector<EpochRecord> epochs(std::initializer_list<std::pair<double, double>> losses_and_accuracies) {
  std::vector<EpochRecord> history;
  for (const auto& [loss, accuracy] : losses_and_accuracies)
    history.push_back({.epoch = static_cast<int>(history.size()), .val_loss = loss, .val_accuracy = accuracy});
  return history;
}

TEST(Judge, TheBestEpochHasTheLowestLossOrTheHighestAccuracy) {
  const auto history = epochs({{1.0, 0.5}, {0.6, 0.7}, {0.7, 0.8}, {0.65, 0.8}, {0.9, 0.8}});
  EXPECT_EQ(judge(history, {}).best_epoch, 1);
  EXPECT_EQ(judge(history, {.stop_metric = "val-accuracy"}).best_epoch, 3) << "of equal accuracies the lower loss";
  EXPECT_EQ(judge({}, {}).best_epoch, -1);
  EXPECT_EQ(judge(epochs({{1, 0}, {1, 0}}), {}).best_epoch, 0) << "of equals the first";
}

TEST(BestEpochs, AreInOrder) {
  const auto history = epochs({{1.0, 0.5}, {0.6, 0.7}, {0.7, 0.8}, {0.65, 0.8}, {0.6, 0.6}});
  EXPECT_EQ(best_epochs(history, {}, 3), (std::vector<int>{1, 4, 3}));
  EXPECT_EQ(best_epochs(history, {.stop_metric = "val-accuracy"}, 9), (std::vector<int>{3, 2, 1, 4, 0}));
  EXPECT_EQ(best_epochs({}, {}, 3), std::vector<int>{});
}

TEST(Judge, GoesByAnyScoreOfTheTask) {
  auto history = epochs({{1.0, 0.9}, {0.5, 0.8}, {0.7, 0.7}});
  for (std::size_t e = 0; e < 3; ++e) history[e].scores = {{"macro-f1", e == 2 ? 0.8 : 0.7}};
  EXPECT_EQ(judge(history, {.stop_metric = "macro-f1"}).best_epoch, 2);
  EXPECT_EQ(best_epochs(history, {.stop_metric = "macro-f1"}, 9), (std::vector<int>{2, 1, 0})) << "of equal ones the lower loss";
  EXPECT_EQ(judge(history, {.stop_metric = "log-loss"}).best_epoch, 1);
  EXPECT_EQ(judge(history, {.stop_metric = "accuracy"}).best_epoch, 0);
}

TEST(Judge, WaitsForMoreThanTheLeastDifference) {
  const auto history = epochs({{1.0, 0.5}, {0.95, 0.5}, {0.91, 0.5}, {0.89, 0.5}, {0.88, 0.5}});
  EXPECT_EQ(judge(history, {}).waited, 0);
  const Verdict coarse = judge(history, {.min_delta = 0.1});
  EXPECT_EQ(coarse.waited, 1) << "0.89 is the first that is better than 1.0 by more than 0.1";
  EXPECT_EQ(coarse.best_epoch, 4) << "the best is the best all the same";
  EXPECT_EQ(judge(history, {.stop_metric = "val-accuracy"}).waited, 4) << "a lower loss is no higher accuracy";
}

TEST(Judge, APlateauLowersTheRateAgainAndAgain) {
  TrainConfig config{.schedule = {.kind = transfer::ScheduleKind::plateau, .gamma = 0.5, .plateau_patience = 2}};
  const auto history = epochs({{1.0, 0}, {1.1, 0}, {1.2, 0}, {1.0, 0}, {1.3, 0}, {0.9, 0}, {1.0, 0}});
  const auto factor_after = [&](std::size_t count) { return judge(std::span(history).first(count), config).lr_factor; };
  const std::vector<double> wanted{1, 1, 0.5, 0.5, 0.25, 0.25, 0.25};
  for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_DOUBLE_EQ(factor_after(i + 1), wanted[i]) << i;
  config.schedule.kind = transfer::ScheduleKind::constant;
  EXPECT_DOUBLE_EQ(factor_after(7), 1);
}

}  // namespace
}  // namespace graft::train

#include "graft/transfer/schedule.h"

#include <gtest/gtest.h>

#include <cmath>

#include "graft/base/error.h"

namespace graft::transfer {
namespace {

double at(const Schedule& schedule, double progress) { return lr_factor(schedule, progress, 20); }

TEST(Schedule, RisesFirst) {
  const Schedule schedule{.kind = ScheduleKind::constant, .warmup = 0.1};
  EXPECT_DOUBLE_EQ(at(schedule, 0), 0);
  EXPECT_DOUBLE_EQ(at(schedule, 0.05), 0.5);
  EXPECT_DOUBLE_EQ(at(schedule, 0.1), 1);
  EXPECT_DOUBLE_EQ(at(schedule, 0.99), 1);
  EXPECT_DOUBLE_EQ(at({.kind = ScheduleKind::plateau, .warmup = 0.1}, 0.05), 0.5) << "its falls are the training's";
  EXPECT_DOUBLE_EQ(at({.kind = ScheduleKind::plateau, .warmup = 0.1}, 0.9), 1);
}

TEST(Schedule, StepsAtTheirEpochs) {
  const Schedule step{.kind = ScheduleKind::step, .warmup = 0, .gamma = 0.1, .step_epochs = 5};
  EXPECT_DOUBLE_EQ(at(step, 4.9 / 20), 1);
  EXPECT_DOUBLE_EQ(at(step, 5.1 / 20), 0.1);
  EXPECT_NEAR(at(step, 15.1 / 20), 1e-3, 1e-12);
  const Schedule multi{.kind = ScheduleKind::multi_step, .warmup = 0, .gamma = 0.5, .milestones = "12,18"};
  EXPECT_DOUBLE_EQ(at(multi, 11.9 / 20), 1);
  EXPECT_DOUBLE_EQ(at(multi, 12.1 / 20), 0.5);
  EXPECT_DOUBLE_EQ(at(multi, 19.0 / 20), 0.25);
  EXPECT_NEAR(at({.kind = ScheduleKind::exponential, .warmup = 0, .gamma = 0.9}, 3.5 / 20), 0.9 * 0.9 * 0.9, 1e-12);
}

TEST(Schedule, CosineOneCycleAndTriangularMeetTheirCorners) {
  const Schedule cosine{.kind = ScheduleKind::cosine, .warmup = 0.2, .lr_end = 0.1};
  EXPECT_DOUBLE_EQ(at(cosine, 0.2), 1);
  EXPECT_NEAR(at(cosine, 0.6), 0.55, 1e-12);
  EXPECT_NEAR(at(cosine, 1), 0.1, 1e-12);
  const Schedule cycle{.kind = ScheduleKind::one_cycle, .peak = 0.25};
  EXPECT_NEAR(at(cycle, 0), 0.04, 1e-12);
  EXPECT_NEAR(at(cycle, 0.25), 1, 1e-12);
  EXPECT_NEAR(at(cycle, 1), 0, 1e-12);
  const Schedule slanted{.kind = ScheduleKind::triangular, .peak = 0.1};
  EXPECT_DOUBLE_EQ(at(slanted, 0), 1.0 / 32);
  EXPECT_DOUBLE_EQ(at(slanted, 0.1), 1);
  EXPECT_NEAR(at(slanted, 1), 1.0 / 32, 1e-12);
}

TEST(Schedule, MilestonesAreChecked) {
  for (const char* text : {"12,x", "18,12", "-3", "12,", "1e999"}) {
    try {
      parse_milestones(text);
      FAIL() << text;
    } catch (const Error& e) {
      EXPECT_EQ(e.what(), std::string("--milestones ") + text + ": expected increasing epochs; for instance --milestones 12,18");
    }
  }
  EXPECT_EQ(parse_milestones("12,18.5"), (std::vector<double>{12, 18.5}));
}

}  // namespace
}  // namespace graft::transfer

// The threshold of an operating point against all there could be.
#include "graft/eval/operating_point.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>

#include "graft/base/error.h"

namespace graft::eval {
namespace {

const std::vector<std::string> kNames{"no", "yes"};

TEST(OperatingPoint, ByHand) {
  const std::vector<int> labels{1, 1, 1, 1, 0, 0, 0, 0, 0, 0};
  const std::vector<float> of_yes{0.9F, 0.8F, 0.6F, 0.2F, 0.7F, 0.5F, 0.3F, 0.1F, 0.1F, 0.0F};
  std::vector<float> p;
  for (const float yes : of_yes) p.insert(p.end(), {1 - yes, yes});
  const Truth truth{.rows = 10, .labels = labels};
  const OperatingPoint point = point_at_recall(truth, p, kNames, 1, 0.75, {});
  EXPECT_EQ(point.threshold, 0.6F);
  EXPECT_EQ(point.sensitivity.part, 3);
  EXPECT_EQ(point.specificity.part, 5);
  EXPECT_EQ(point.specificity.whole, 6);
  EXPECT_EQ(point.precision.part, 3);
  EXPECT_EQ(point.precision.whole, 4);
  EXPECT_EQ(point.sensitivity.interval->low, wilson(3, 4).low);
  EXPECT_EQ(point_at_recall(truth, p, kNames, 1, 0.76, {}).threshold, 0.2F) << "three of four are too few";
  const OperatingPoint never = point_at_threshold(truth, p, 2, 1, 0.95F, {});
  EXPECT_EQ(never.precision.whole, 0);
  EXPECT_FALSE(never.precision.interval);
  const std::vector<std::string> groups{"x", "x", "y", "y", "z", "z", "u", "u", "v", "v"};
  const OperatingPoint grouped = point_at_recall(truth, p, kNames, 1, 0.75, {.groups = groups});
  EXPECT_NE(grouped.specificity.interval->low, point.specificity.interval->low);
}

TEST(OperatingPoint, IsTheHighestThresholdThatFindsEnough) {
  EXPECT_TRUE(rc::check([] {
    const auto answers = *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 20)));
    const double recall = *rc::gen::inRange(1, 21) / 20.0;
    std::vector<float> p, targets;
    double positives = 0;
    for (const int answer : answers) {
      p.push_back(static_cast<float>(answer / 2) / 10);
      targets.push_back(static_cast<float>(answer % 2));
      positives += answer % 2;
    }
    RC_PRE(positives > 0);
    const Truth truth{.task = data::MultiLabel{}, .rows = p.size(), .targets = targets};
    const std::vector<std::string> one{"it"};
    const OperatingPoint found = point_at_recall(truth, p, one, 0, recall, {});
    float best = -1;
    for (const float threshold : p) {
      double right = 0;
      for (std::size_t i = 0; i < p.size(); ++i) right += targets[i] > 0 && p[i] >= threshold ? 1 : 0;
      if (right >= recall * positives - 1e-9) best = std::max(best, threshold);
    }
    RC_ASSERT(found.threshold == best);
  }));
}

TEST(OperatingPoint, OfAClassThatIsNotThereThereIsNone) {
  const std::vector<int> labels{0};
  const std::vector<float> p{0.5F, 0.5F};
  try {
    point_at_recall(Truth{.rows = 1, .labels = labels}, p, kNames, 1, 0.95, {});
    FAIL();
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(),
                 "--at-recall yes=0.95: none of the measured photos has the class; measure photos of it, or give a threshold with --at-threshold");
  }
}

}  // namespace
}  // namespace graft::eval

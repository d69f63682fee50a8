// Intervals: what they are made of, that they do not depend on threads, and that they hold the truth about as often as they say.
#include "graft/eval/intervals.h"

#include <gtest/gtest.h>

#include <cmath>

#include "graft/base/rng.h"
#include "graft/eval/difference.h"
#include "graft/eval/draw.h"
#include "graft/eval/scores.h"

namespace graft::eval {
namespace {

const std::vector<std::string> kNames{"a", "b"};

/// Two classes of which `rights[k]` are answered rightly, with noise in the probabilities.
struct Made {
  std::vector<int> labels;
  std::vector<float> p;

  Made(std::size_t photos, std::array<double, 2> rights, uint64_t seed) {
    Rng rng(seed);
    for (std::size_t i = 0; i < photos; ++i) {
      const int label = i % 4 == 0 ? 1 : 0;
      const bool right = rng.uniform() < rights[static_cast<std::size_t>(label)];
      const auto sure = static_cast<float>(0.5 + 0.49 * rng.uniform());
      const float of_b = (label == 1) == right ? sure : 1 - sure;
      labels.push_back(label);
      p.insert(p.end(), {1 - of_b, of_b});
    }
  }
  Truth truth() const { return {.rows = labels.size(), .labels = labels}; }
};

TEST(Intervals, PartsOfPhotosHaveWilsons) {
  const Made made(40, {0.9, 0.7}, 3);
  const auto e = std::get<Evaluation>(measure(made.truth(), made.p, kNames, {}));
  const AnyEvaluation any = e;
  EXPECT_EQ(interval_of(any, "accuracy")->low, wilson(e.right, 40).low);
  EXPECT_EQ(e.numbers.intervals.classes[1][1]->high, wilson(e.classes[1].right, 10).high) << "recall";
  EXPECT_EQ(e.numbers.intervals.drawn, "photos of each class");
  EXPECT_EQ(e.numbers.intervals.resamples, 1000);
  for (const char* name : {"balanced-accuracy", "macro-f1", "auroc", "kappa", "mcc", "log-loss", "brier"}) {
    const auto interval = interval_of(any, name);
    ASSERT_TRUE(interval) << name;
    EXPECT_LT(interval->low, value_of(any, name)) << name;
    EXPECT_GT(interval->high, value_of(any, name)) << name;
  }
}

TEST(Intervals, ThreadsDoNotChangeThem) {
  const Made made(60, {0.9, 0.7}, 5);
  const Intervals one = numbers_in(measure(made.truth(), made.p, kNames, {.threads = 1})).intervals;
  const Intervals three = numbers_in(measure(made.truth(), made.p, kNames, {.threads = 3})).intervals;
  for (std::size_t n = 0; n < one.numbers.size(); ++n) {
    ASSERT_EQ(one.numbers[n].has_value(), three.numbers[n].has_value());
    EXPECT_EQ(one.numbers[n].value_or(Interval{}).low, three.numbers[n].value_or(Interval{}).low);
  }
  const Intervals other = numbers_in(measure(made.truth(), made.p, kNames, {.seed = 1})).intervals;
  EXPECT_NE(one.numbers[1]->low, other.numbers[1]->low) << "another seed, other samples";
}

TEST(Intervals, OfWhatIsAlwaysTheSameThereIsNone) {
  const Made made(20, {1, 1}, 1);
  const AnyEvaluation e = measure(made.truth(), made.p, kNames, {});
  EXPECT_EQ(value_of(e, "auroc"), 1);
  EXPECT_FALSE(interval_of(e, "auroc"));
  EXPECT_FALSE(interval_of(e, "top-k")) << "not defined";
  EXPECT_NEAR(interval_of(e, "accuracy")->low, wilson(20, 20).low, 1e-12);
}

/// Ten photos of each group are one photo: their interval is that of a tenth of the photos, about.
TEST(Intervals, GroupsAreDrawnWhole) {
  const Made few(40, {0.8, 0.7}, 7);
  std::vector<int> labels;
  std::vector<float> p;
  std::vector<std::string> groups;
  for (std::size_t i = 0; i < 400; ++i) {
    labels.push_back(few.labels[i / 10]);
    p.insert(p.end(), {few.p[i / 10 * 2], few.p[i / 10 * 2 + 1]});
    groups.push_back("group " + std::to_string(i / 10));
  }
  const Truth truth{.rows = 400, .labels = labels};
  const AnyEvaluation grouped = measure(truth, p, kNames, {.groups = groups}), alone = measure(few.truth(), few.p, kNames, {});
  EXPECT_EQ(numbers_in(grouped).intervals.drawn, "groups of each class");
  EXPECT_EQ(interval_of(grouped, "balanced-accuracy")->low, interval_of(alone, "balanced-accuracy")->low) << "the same draws of the same forty";
  const Interval accuracy = *interval_of(grouped, "accuracy");
  EXPECT_GT(accuracy.high - accuracy.low, 2 * (wilson(320, 400).high - wilson(320, 400).low));
  groups[0] = groups[399];  // now a group has photos of two classes
  EXPECT_EQ(units_of(truth, groups).drawn, "groups");
}

TEST(Draw, TakesAsManyOfEachClassAsThereAre) {
  const Made made(40, {1, 1}, 1);
  const Units units = units_of(made.truth(), {});
  std::vector<uint16_t> counts(40);
  draw(units, 0, 5, counts);
  long of_b = 0, all = 0;
  for (std::size_t i = 0; i < 40; ++i) {
    all += counts[i];
    of_b += made.labels[i] == 1 ? counts[i] : 0;
  }
  EXPECT_EQ(all, 40);
  EXPECT_EQ(of_b, 10);
}

/// Of 200 sets of photos drawn from a known truth, balanced accuracy's interval holds it in about 95 %.
TEST(Intervals, HoldTheTruthAboutAsOftenAsTheySay) {
  int held = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const Made made(120, {0.85, 0.75}, 1000 + seed);
    const Interval interval = *interval_of(measure(made.truth(), made.p, kNames, {.resamples = 200}), "balanced-accuracy");
    held += interval.low <= 0.8 && 0.8 <= interval.high ? 1 : 0;
  }
  EXPECT_GE(held, 178);
  EXPECT_LE(held, 199);
}

TEST(BootstrapInterval, LeavesOutWhatIsNotDefined) {
  EXPECT_FALSE(bootstrap_interval({NAN, NAN, 1}, 1)) << "fewer than half";
  EXPECT_FALSE(bootstrap_interval({1, 2, 3}, NAN));
  std::vector<double> values;
  for (int i = 0; i <= 1000; ++i) values.push_back(i);
  const Interval even = *bootstrap_interval(values, 500);
  EXPECT_NEAR(even.low, 25, 0.5);
  EXPECT_NEAR(even.high, 975, 0.5);
  const Interval low = *bootstrap_interval(values, 700);  // samples tend to be too low: the interval moves up
  EXPECT_NEAR(low.low, 181, 2);                           // normal(2 * 0.524 - 1.96) of 1,000, where 0.524 is the normal quantile of 0.7
  EXPECT_NEAR(low.high, 998.7, 1);
}

TEST(DifferenceIn, IsOfTheSamePhotos) {
  const Made first(80, {0.95, 0.9}, 3), second(80, {0.7, 0.6}, 4);
  const ScoreDifference d = difference_in(first.truth(), first.p, second.p, 2, "balanced-accuracy", {});
  EXPECT_NEAR(d.difference,
              value_of(evaluate(first.truth(), first.p, kNames), "balanced-accuracy") -
                  value_of(evaluate(first.truth(), second.p, kNames), "balanced-accuracy"),
              1e-12);
  ASSERT_TRUE(d.interval);
  EXPECT_GT(d.interval->low, 0);
  const ScoreDifference back = difference_in(first.truth(), second.p, first.p, 2, "balanced-accuracy", {.threads = 2});
  EXPECT_NEAR(back.interval->high, -d.interval->low, 0.02);
  const ScoreDifference none = difference_in(first.truth(), first.p, first.p, 2, "auroc", {});
  EXPECT_EQ(none.difference, 0);
  EXPECT_FALSE(none.interval);
}

}  // namespace
}  // namespace graft::eval

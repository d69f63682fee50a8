// Scores by name: of each task the same numbers as its evaluation has, and an error that tells what there is.
#include "graft/eval/scores.h"

#include <gtest/gtest.h>

#include <cmath>

#include "graft/base/error.h"

namespace graft::eval {
namespace {

const std::vector<std::string> kNames{"cat", "dog"};

TEST(Scores, AreThoseOfTheEvaluation) {
  const std::vector<int> labels{0, 0, 0, 1};
  const std::vector<float> p{0.9F, 0.1F, 0.2F, 0.8F, 0.6F, 0.4F, 0.1F, 0.9F};
  const AnyEvaluation e = evaluate(Truth{.rows = 4, .labels = labels}, p, kNames);
  EXPECT_DOUBLE_EQ(value_of(e, "accuracy"), 0.75);
  EXPECT_NEAR(value_of(e, "balanced-accuracy"), (2.0 / 3 + 1) / 2, 1e-12);
  EXPECT_NEAR(value_of(e, "macro-f1"), (4.0 / 5 + 2.0 / 3) / 2, 1e-12);
  EXPECT_NEAR(value_of(e, "log-loss"), -(std::log(0.9) + std::log(0.2) + std::log(0.6) + std::log(0.9)) / 4, 1e-6);
  EXPECT_DOUBLE_EQ(interval_of(e, "accuracy")->low, wilson(3, 4).low);
  EXPECT_FALSE(interval_of(e, "macro-f1"));
  EXPECT_THROW(value_of(e, "map"), std::logic_error);
}

TEST(Scores, OfAnyNumberOfClassesHaveTheirOwn) {
  const std::vector<float> p{0.9F, 0.2F, 0.4F, 0.7F}, targets{1, 0, 1, 1};
  const AnyEvaluation e = evaluate(Truth{.task = data::MultiLabel{}, .rows = 2, .targets = targets}, p, kNames);
  EXPECT_DOUBLE_EQ(value_of(e, "accuracy"), 0.5) << "every answer of a photo must be right";
  EXPECT_DOUBLE_EQ(value_of(e, "map"), 1);
  EXPECT_DOUBLE_EQ(value_of(e, "micro-f1"), 2 * 2 / 5.0);
  EXPECT_DOUBLE_EQ(value_of(e, "balanced-accuracy"), 0.75) << "mean recall";
  EXPECT_DOUBLE_EQ(interval_of(e, "accuracy")->high, wilson(1, 2).high);
}

TEST(Scores, AnUnknownOneTellsWhatTheTaskHas) {
  check_score(data::SingleLabel{}, "macro-f1", "--stop-metric macro-f1");
  check_score(data::MultiLabel{}, "map", "--stop-metric map");
  try {
    check_score(data::SingleLabel{}, "micro-f1", "--stop-metric micro-f1");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::usage);
    EXPECT_EQ(e.subject(), "--stop-metric micro-f1");
    EXPECT_EQ(e.fact(),
              "is not a score for single-label photos, expected accuracy, balanced-accuracy, macro-f1, auroc, kappa, mcc, log-loss, brier, ece");
    EXPECT_EQ(e.hint(), "did you mean macro-f1?");
  }
}

TEST(Scores, OfOneNameAreTheSameQuestion) {
  for (const ScoreKind& kind : scores_of(data::MultiLabel{}))
    for (const ScoreKind& other : scores_of(data::SingleLabel{}))
      EXPECT_TRUE(kind.name != other.name || kind.higher_is_better == other.higher_is_better) << kind.name;
  EXPECT_EQ(score_names(), (std::vector<std::string>{"accuracy", "balanced-accuracy", "macro-f1", "auroc", "kappa", "mcc", "log-loss", "brier", "ece",
                                                     "map", "micro-f1"}));
  EXPECT_FALSE(score_named("log-loss").higher_is_better);
}

}  // namespace
}  // namespace graft::eval

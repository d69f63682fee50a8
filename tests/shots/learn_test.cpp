// Which rule is taken, and why.
#include <gtest/gtest.h>

#include <cmath>

#include "error_text.h"
#include "shots/made_support.h"

namespace graft::shots {
namespace {

Learnt learnt(const Support& support, RuleChoice rule = RuleChoice::automatic) {
  ThreadPool pool(1);
  return learn(support, rule, Centre::none, 0, "photos", pool);
}

TEST(Learn, LdaIsTakenUnlessPhotosLeftOutSayOtherwise) {
  const Learnt found = learnt(made_support({"ants", "bees", "flies"}, {4, 5, 6}));
  ASSERT_EQ(found.tried.size(), 4U);
  for (const Tried& tried : found.tried) {
    ASSERT_TRUE(tried.left_out);
    EXPECT_EQ(tried.left_out->photos, 15U);
    double sum = 0;
    for (const double wrong : tried.left_out->wrong) sum += wrong;
    EXPECT_NEAR(1 - sum / 15, tried.left_out->accuracy, 1e-9);
  }
  EXPECT_EQ(found.taken.rule, found.tried[best_of(found.tried)].rule);
  EXPECT_EQ(found.reason, found.taken.rule == head::Rule::lda ? "no other rule gets more of 15 photos, left out one at a time, right beyond chance"
                                                              : "gets more of 15 photos, left out one at a time, right than lda, beyond chance");
}

TEST(Learn, AnotherRuleIsTakenWhereItIsBetterBeyondChance) {
  const auto tried = [](head::Rule rule, const std::vector<double>& wrong) {
    double right = 0;
    for (const double w : wrong) right += (1 - w) / static_cast<double>(wrong.size());
    return Tried{.rule = rule, .solved = {}, .left_out = LeftOut{wrong.size(), right, 1, wrong}};
  };
  const Tried lda = tried(head::Rule::lda, {1, 1, 1, 1, 1, 1, 0, 0});
  const Tried one_more = tried(head::Rule::prototypes, {0, 1, 1, 1, 1, 1, 0, 0}), four_more = tried(head::Rule::prototypes, {0, 0, 0, 0, 1, 1, 0, 0});
  EXPECT_EQ(best_of(std::vector{one_more, lda}), 1U) << "a single photo";
  EXPECT_EQ(best_of(std::vector{four_more, lda}), 0U);
  EXPECT_EQ(best_of(std::vector{four_more, lda, tried(head::Rule::ridge, {0, 0, 0, 0, 0, 1, 0, 0})}), 2U);
}

TEST(Learn, AClassOfOnePhotoGetsThePublishedDefault) {
  const Learnt found = learnt(made_support({"ants", "bees", "flies"}, {4, 1, 6}));
  EXPECT_EQ(found.taken.rule, head::Rule::prototypes);
  EXPECT_EQ(found.reason,
            "class 'bees' has only one photo, which cannot be left out: the published default for so few (SimpleShot, Wang et al. 2019)");
  EXPECT_TRUE(found.tried.empty());
  EXPECT_EQ(found.taken.left_out->photos, 10U) << "those of the other classes tell its temperature";
}

TEST(Learn, OnePhotoOfEveryClassTellsNoTemperature) {
  for (const RuleChoice rule : {RuleChoice::automatic, RuleChoice::lda, RuleChoice::ridge, RuleChoice::logistic}) {
    const Learnt found = learnt(made_support({"ants", "bees"}, {1, 1}), rule);
    EXPECT_FALSE(found.taken.left_out);
    EXPECT_EQ(found.taken.temperature, rule == RuleChoice::logistic ? 1 : 0.1);
  }
}

TEST(Learn, ProbabilitiesSuitThePhotosLeftOut) {
  const Support support = made_support({"ants", "bees", "flies"}, {6, 6, 6});
  const head::FewRows rows = unit_rows(support, Centre::none).rows;
  ThreadPool pool(1);
  const Tried tried = try_rule(head::Rule::prototypes, rows, 0, pool);
  const head::Solved plain = head::solve_prototypes(rows);
  ASSERT_NE(tried.temperature, 1);
  for (std::size_t i = 0; i < plain.head.weight.size(); ++i)
    EXPECT_NEAR(tried.solved.head.weight[i], static_cast<double>(plain.head.weight[i]) / tried.temperature, 1e-5);
  const auto loss = [&](double scale) {
    double sum = 0;
    for (std::size_t i = 0; i < rows.rows(); ++i) {
      double all = 0;
      for (std::size_t k = 0; k < 3; ++k) all += std::exp(scale * (plain.left_out[i * 3 + k] - plain.left_out[i * 3 + rows.label(i)]));
      sum += std::log(all);
    }
    return sum / static_cast<double>(rows.rows());
  };
  EXPECT_NEAR(loss(1 / tried.temperature), tried.left_out->log_loss, 1e-5);
}

TEST(Learn, OneClassOrTooManyPhotosAreRefused) {
  EXPECT_EQ(test::error_of([] { learnt(made_support({"ants"}, {3})); }),
            "data: photos: has only one class, 'ants', expected at least 2; add a folder of photos of another class");
  EXPECT_EQ(test::error_of([] {
              learnt(made_support({"ants", "bees"}, {4000, 1}, 1));
            }),
            "data: photos: 4001 photos, expected at most 4000; train on so many with `graft fit`");
}

}  // namespace
}  // namespace graft::shots

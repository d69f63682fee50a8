#include "graft/doctor/label_suspects.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "graft/base/rng.h"

namespace graft::doctor {
namespace {

/// `count` rows of 8 features about a centre for each class, and a little noise.
struct Clouds {
  std::vector<float> values;
  std::vector<int> labels;
  Clouds(std::size_t count, int classes) {
    Rng rng(5, 0);
    for (std::size_t i = 0; i < count; ++i) {
      labels.push_back(static_cast<int>(i) % classes);
      for (int k = 0; k < 8; ++k) values.push_back((k == labels.back() ? 3.0F : 0.0F) + static_cast<float>(rng.uniform() * 2 - 1));
    }
  }
  head::Problem problem(int classes) const { return {.features = {values, labels.size(), 8}, .classes = classes, .labels = labels}; }
};

TEST(LabelSuspects, FlippedLabelsComeFirst) {
  ThreadPool pool(2);
  Clouds clouds(120, 3);
  const std::set<std::size_t> flipped{7, 30, 64, 101};
  for (const std::size_t row : flipped) clouds.labels[row] = (clouds.labels[row] + 1) % 3;
  const head::Problem problem = clouds.problem(3);
  const std::vector<Suspect> found = suspects_in(problem, held_out_probabilities(problem, 0, pool));
  ASSERT_GE(found.size(), 4U);
  std::set<std::size_t> first;
  for (std::size_t i = 0; i < 4; ++i) {
    first.insert(found[i].row);
    EXPECT_EQ(found[i].suggested, (found[i].given + 2) % 3);
    EXPECT_GT(found[i].margin(), 0.5);
  }
  EXPECT_EQ(first, flipped);
}

TEST(LabelSuspects, RightLabelsAreNone) {
  ThreadPool pool(1);
  const Clouds clouds(90, 3);
  const head::Problem problem = clouds.problem(3);
  EXPECT_TRUE(suspects_in(problem, held_out_probabilities(problem, 0, pool)).empty());
}

TEST(LabelSuspects, ByHandFromProbabilities) {
  // Means of the own class: 0.6 of class 0 (0.9, 0.3), 0.8 of class 1 (0.8).
  const std::vector<int> labels{0, 0, 1};
  const std::vector<float> features(3), probabilities{0.9F, 0.1F, 0.3F, 0.7F, 0.2F, 0.8F};
  const head::Problem problem{.features = {features, 3, 1}, .classes = 2, .labels = labels};
  EXPECT_TRUE(suspects_in(problem, probabilities).empty());  // 0.7 is less than the 0.8 of class 1
  const std::vector<float> surer{0.9F, 0.1F, 0.1F, 0.9F, 0.2F, 0.8F};
  const std::vector<Suspect> found = suspects_in(problem, surer);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].row, 1U);
  EXPECT_EQ(found[0].given, 0);
  EXPECT_EQ(found[0].suggested, 1);
  EXPECT_NEAR(found[0].margin(), 0.8, 1e-6);
  EXPECT_TRUE(suspects_in(problem, std::vector<float>{0.5F, 0.3F, 0.2F, 0.49F, 0.4F, 0.3F}).empty());      // less than a half
  EXPECT_EQ(suspects_in(problem, std::vector<float>{0.9F, 0.1F, 0.15F, 0.85F, 0.03F, 0.97F}).size(), 1U);  // 0.8 is enough, whatever the mean
  const float none = std::nanf("");
  EXPECT_TRUE(suspects_in(problem, std::vector<float>{0.9F, 0.1F, none, none, 0.2F, 0.8F}).empty());
}

TEST(LabelSuspects, OfSeveralClassesEachByItself) {
  ThreadPool pool(1);
  const Clouds clouds(120, 2);
  std::vector<float> targets;
  for (const int label : clouds.labels) targets.insert(targets.end(), {label == 0 ? 1.0F : 0.0F, label == 1 ? 1.0F : 0.0F});
  targets[2 * 10] = 0;      // row 10 shows the first class
  targets[2 * 21 + 0] = 1;  // row 21 does not
  const head::Problem problem{.features = {clouds.values, 120, 8}, .classes = 2, .task = data::MultiLabel{}, .targets = targets};
  const std::vector<Suspect> found = suspects_in(problem, held_out_probabilities(problem, 0, pool));
  ASSERT_GE(found.size(), 2U);
  std::set<std::tuple<std::size_t, int, int>> first;
  for (std::size_t i = 0; i < 2; ++i) first.insert({found[i].row, found[i].given, found[i].suggested});
  EXPECT_EQ(first, (std::set<std::tuple<std::size_t, int, int>>{{10, -1, 0}, {21, 0, -1}}));
}

TEST(LabelSuspects, CopiesAreHeldOutTogetherAndAClassOfOneIsNot) {
  ThreadPool pool(1);
  Clouds clouds(40, 2);
  for (std::size_t k = 0; k < 8; ++k) clouds.values[8 * 20 + k] = clouds.values[8 * 10 + k];
  clouds.labels[10] = clouds.labels[20] = 1;  // a copy of a wrong label: seen apart, each would vouch for the other
  std::vector<std::string> groups(40);
  groups[10] = groups[20] = "same";
  head::Problem problem = clouds.problem(3);  // the third class has no row
  problem.groups = groups;
  const std::vector<float> probabilities = held_out_probabilities(problem, 0, pool);
  EXPECT_LT(probabilities[3 * 10 + 1], 0.3F);
  EXPECT_LT(probabilities[3 * 20 + 1], 0.3F);
  clouds.labels[39] = 2;
  EXPECT_TRUE(std::isnan(held_out_probabilities(clouds.problem(3), 0, pool)[3 * 39]));
  std::vector<int> two{0, 1};
  const std::vector<float> features{1, 2};
  EXPECT_TRUE(held_out_probabilities({.features = {features, 2, 1}, .classes = 2, .labels = two}, 0, pool).empty());
}

}  // namespace
}  // namespace graft::doctor

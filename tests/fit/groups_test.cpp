#include "graft/fit/job/groups.h"

#include <gtest/gtest.h>

#include <numeric>

#include "graft/base/error.h"

namespace graft::fit {
namespace {

using Names = std::vector<std::string>;

TEST(BalancingWeights, LetEveryGroupCountTheSame) {
  const data::Attribute group{.name = "lamp", .values = {"day", "night", "dusk"}, .of = {0, 0, 0, 1, 2, 2}};
  const std::vector<double> weights = balancing_weights(group, {});
  EXPECT_EQ(weights, (std::vector<double>{2.0 / 3, 2.0 / 3, 2.0 / 3, 2, 1, 1}));
  EXPECT_NEAR(std::accumulate(weights.begin(), weights.end(), 0.0), 6, 1e-12) << "the sum stays";
}

TEST(BalancingWeights, KeepWhatPhotosOfAGroupCountBesideEachOther) {
  const data::Attribute group{.name = "lamp", .values = {"day", "night", "dusk"}, .of = {0, 0, 1, 2}};
  const std::vector<double> weights = balancing_weights(group, std::vector<double>{3, 1, 2, 0});
  EXPECT_EQ(weights, (std::vector<double>{2.25, 0.75, 3, 0})) << "dusk has no weight, and no part";
}

TEST(WithClasses, CrossesAllAttributesWithTheClass) {
  const std::vector<data::Attribute> attributes{{"lamp", {"day", "night"}, {0, 0, 1, 1}}, {"site", {"A", "B"}, {0, 1, 1, 1}}};
  const data::Attribute all = with_classes(attributes, std::vector<int>{0, 0, 0, 1}, Names{"cat", "dog"});
  EXPECT_EQ(all.name, "class and lamp and site");
  EXPECT_EQ(all.values, (Names{"cat, day, A", "cat, day, B", "cat, night, B", "dog, night, B"}));
  EXPECT_EQ(all.of, (std::vector<int>{0, 1, 2, 3}));
}

TEST(GroupsOf, AreThoseOfThePhotosThatCanBeRead) {
  Configured<FitConfig> config;
  const Listener listener;
  Job job{.config = config, .listener = listener};
  job.splits.train.resize(3);
  job.splits.val.resize(2);
  job.attributes = {{"lamp", {"day", "night"}, {0, 1, 0, 1, 1}}};
  const PhotoGroups groups = groups_of(job, std::vector<std::size_t>{1, 3});
  EXPECT_EQ(groups.train[0].of, (std::vector<int>{0, 0}));
  EXPECT_EQ(groups.val[0].of, (std::vector<int>{1}));
}

}  // namespace
}  // namespace graft::fit

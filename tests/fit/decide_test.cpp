#include "graft/fit/decide.h"

#include <gtest/gtest.h>

namespace graft::fit {
namespace {

using transfer::Kind;

const Facts kMany{.smallest_class = 800, .accuracy = 0.86, .accuracy_error = 0.008, .far = false, .trainable_stages = 9};

TEST(Decide, FewPhotosOrAHeadThatIsRightLeaveNothingToGain) {
  Facts few = kMany, right = kMany, none = kMany, foreign = kMany;
  few.smallest_class = 19;
  right.accuracy = 0.995;
  none.accuracy = 0;
  foreign.trainable_stages = 0;
  for (const Facts& f : {few, right, none, foreign}) EXPECT_EQ(decide(f).kind, Kind::head);
  EXPECT_EQ(decide(few).reason, "19 images in the smallest class, head alone 0.860 +- 0.008: fewer than 20 a class");
  EXPECT_EQ(decide(right).reason, "800 images in the smallest class, head alone 0.995 +- 0.008: nothing to gain");
  EXPECT_EQ(decide(none).reason, "800 images in the smallest class, too few for cross-validation");
  EXPECT_EQ(decide(foreign).reason, "the network can only be used frozen");
}

TEST(Decide, OfManyPhotosTheLastStagesTrainWhereTheDomainIsNearAndAllWhereItIsFar) {
  Facts far = kMany, small = kMany;
  far.far = true;
  small.trainable_stages = 1;
  EXPECT_EQ(decide(kMany).kind, Kind::partial);
  EXPECT_EQ(decide(kMany).unfreeze, "2");
  EXPECT_EQ(decide(kMany).reason, "800 images in the smallest class, head alone 0.860 +- 0.008, the last features tell most");
  EXPECT_EQ(decide(small).unfreeze, "1");
  EXPECT_EQ(decide(far).kind, Kind::full);
  EXPECT_EQ(decide(far).unfreeze, "");
}

TEST(Decide, BetweenAHandfulAndManyATrialDecides) {
  Facts some = kMany;
  for (const std::size_t images : {20, 199}) {
    some.smallest_class = images;
    EXPECT_TRUE(decide(some).to_be_tried) << images;
    EXPECT_EQ(decide(some).kind, Kind::partial);
  }
  EXPECT_FALSE(decide(kMany).to_be_tried);
  some.far = true;
  EXPECT_TRUE(decide(some).to_be_tried);
  EXPECT_EQ(decide(some).kind, Kind::full);
}

TEST(Decide, OfPhotosOfSeveralClassesATrialDecidesHoweverManyAnswersAreRight) {
  Facts several = kMany;
  several.several = true;
  several.accuracy = 0.995;
  EXPECT_TRUE(decide(several).to_be_tried);
  EXPECT_EQ(decide(several).reason, "800 images in the smallest class, the last features tell most");
  several.smallest_class = 19;
  EXPECT_EQ(decide(several).kind, Kind::head);
  EXPECT_EQ(decide(several).reason, "19 images in the smallest class: fewer than 20 a class");
}

}  // namespace
}  // namespace graft::fit

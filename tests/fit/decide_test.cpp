#include "graft/fit/more/decide.h"

#include <gtest/gtest.h>

namespace graft::fit {
namespace {

using transfer::Kind;

const Facts kOpen{.smallest_class = 800, .accuracy = 0.86, .accuracy_error = 0.008, .judged = 400, .trainable_stages = 9};

TEST(Decide, WhereATrialCouldTellTheDifferenceItDecidesHoweverManyPhotosThereAre) {
  EXPECT_EQ(why_head(kOpen), "");
  for (const std::size_t images : {20, 199, 200, 5000}) {
    Facts some = kOpen;
    some.smallest_class = images;
    EXPECT_EQ(why_head(some), "") << images;
  }
}

TEST(Decide, WhereNoTrialCouldTellTheDifferenceNoneIsMade) {
  Facts few = kOpen, right = kOpen, none = kOpen, foreign = kOpen;
  few.smallest_class = 19;
  right.accuracy = 0.9925;
  none.accuracy = 0;
  foreign.trainable_stages = 0;
  EXPECT_EQ(why_head(few), "19 images in the smallest class, head alone 0.860 +- 0.008: fewer than 20 a class");
  EXPECT_EQ(
      why_head(right),
      "800 images in the smallest class, head alone 0.993 +- 0.008: about 3 mistakes on the 400 photos that a trial would be judged on, too few to "
      "show that anything is better");
  EXPECT_EQ(why_head(none), "800 images in the smallest class, too few for cross-validation");
  EXPECT_EQ(why_head(foreign), "the network can only be used frozen");
  right.accuracy = 0.989;  // 4.4 mistakes
  EXPECT_EQ(why_head(right), "");
}

TEST(Decide, OfPhotosOfSeveralClassesATrialDecidesHoweverManyAnswersAreRight) {
  Facts several = kOpen;
  several.several = true;
  several.accuracy = 0.995;
  EXPECT_EQ(why_head(several), "");
  several.smallest_class = 19;
  EXPECT_EQ(why_head(several), "19 images in the smallest class: fewer than 20 a class");
}

TEST(Decide, AllOfTheNetworkContendsAndTheLastStagesWhereThatCannotBe) {
  FitConfig config;
  const std::vector<Contender> two = contenders(config, 9);
  ASSERT_EQ(two.size(), 2);
  EXPECT_EQ(to_string(two[0]), "full fine-tuning");
  EXPECT_EQ(to_string(two[1]), "partial fine-tuning (--unfreeze 2)");
  ASSERT_EQ(contenders(config, 2).size(), 1) << "the last two stages are all of a small network";
  EXPECT_EQ(contenders(config, 2)[0].kind, Kind::full);
  config.budget = "5m";
  ASSERT_EQ(contenders(config, 9).size(), 3) << "the less there is to train, the sooner it is done";
  EXPECT_EQ(to_string(contenders(config, 9)[2]), "partial fine-tuning (--unfreeze 1)");
  config.plan.unfreeze = "layer4";
  ASSERT_EQ(contenders(config, 9).size(), 1);
  EXPECT_EQ(to_string(contenders(config, 9)[0]), "partial fine-tuning (--unfreeze layer4)");
}

}  // namespace
}  // namespace graft::fit

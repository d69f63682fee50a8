#include "graft/fit/more/decide.h"

#include <gtest/gtest.h>

namespace graft::fit {
namespace {

using transfer::Kind;

const Facts kOpen{.smallest_class = 800, .accuracy = 0.86, .accuracy_error = 0.008, .judged = 400, .trainable_stages = 9};

TEST(Decide, WhereATrialCouldTellTheDifferenceItDecidesHoweverManyPhotosThereAre) {
  EXPECT_EQ(why_head(kOpen), "");
  for (const std::size_t images : {8, 199, 200, 5000}) {
    Facts some = kOpen;
    some.smallest_class = images;
    EXPECT_EQ(why_head(some), "") << images;
  }
}

TEST(Decide, WhereNoTrialCouldTellTheDifferenceNoneIsMade) {
  Facts few = kOpen, right = kOpen, none = kOpen, foreign = kOpen;
  few.smallest_class = 7;
  right.accuracy = 0.9925;
  none.accuracy = 0;
  foreign.trainable_stages = 0;
  EXPECT_EQ(why_head(few), "7 photos in the smallest class, head alone 0.860 +- 0.008: fewer than 8 per class");
  EXPECT_EQ(why_head(right),
            "800 photos in the smallest class, head alone 0.993 +- 0.008: about 3 mistakes on the 400 photos that a trial would be judged on, too "
            "few to show a difference");
  EXPECT_EQ(why_head(none), "800 photos in the smallest class, too few for cross-validation");
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
  EXPECT_EQ(why_head(several), "19 photos in the smallest class: fewer than 20 per class");
}

std::vector<std::string> names_of(const std::vector<Contender>& contenders) {
  std::vector<std::string> names;
  for (const Contender& contender : contenders) names.push_back((contender.spare ? "spare: " : "") + to_string(contender));
  return names;
}

TEST(Decide, AllOfTheNetworkContendsAndTheLastStagesAreSpare) {
  Configured<FitConfig> config;
  EXPECT_EQ(names_of(contenders(config, 9)), (std::vector<std::string>{"full fine-tuning", "spare: partial fine-tuning (--unfreeze 2)"}));
  EXPECT_EQ(names_of(contenders(config, 2)), std::vector<std::string>{"full fine-tuning"}) << "the last two stages are all of a small network";
  config.values.plan.unfreeze = "layer4";
  EXPECT_EQ(names_of(contenders(config, 9)), std::vector<std::string>{"partial fine-tuning (--unfreeze layer4)"});
}

TEST(Decide, ABudgetIsSpentOnMoreEpochsAndALowerRateUnlessTheUserSaidThese) {
  Configured<FitConfig> config;
  config.values.budget = "1h";
  const std::string longer = "full fine-tuning (--epochs 30)", slower = "full fine-tuning (--lr 0.0003)";
  const std::string two = "spare: partial fine-tuning (--unfreeze 2)", one = "spare: partial fine-tuning (--unfreeze 1)";
  EXPECT_EQ(names_of(contenders(config, 9)), (std::vector<std::string>{"full fine-tuning", longer, slower, two, one}));
  config.origins.insert_or_assign("epochs", Origin{Source::flag, ""});
  EXPECT_EQ(names_of(contenders(config, 9)), (std::vector<std::string>{"full fine-tuning", slower, two, one}));
  config.origins.insert_or_assign("optimizer", Origin{Source::flag, ""});
  EXPECT_EQ(names_of(contenders(config, 9)), (std::vector<std::string>{"full fine-tuning", two, one})) << "0.0003 is of AdamW";
}

}  // namespace
}  // namespace graft::fit

// Which way to learn from photos without labels is taken.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "graft/fit/job/unlabeled.h"

namespace graft::fit {
namespace {

FromUnlabeled tried(std::vector<UnlabeledWay> ways) {
  return {.photos = 40, .judges = "held-out training photos", .judged_on = 20, .ways = std::move(ways)};
}

TEST(ChooseWay, TakesTheOneThatIsBetterBeyondChance) {
  FromUnlabeled found = tried({{"none", 0.6}, {"own answers", 0.65, 0.2, 0.1}, {"neighbors", 0.7, 0.3, 0.1}});
  choose_way(found, false);
  EXPECT_EQ(found.taken().name, "neighbors");
  EXPECT_EQ(found.reason, "neighbors: 0.700 of 20 held-out training photos right, without unlabeled photos 0.600; log loss lower by 0.300 +- 0.100");
  EXPECT_TRUE(found.warnings.empty());
}

TEST(ChooseWay, KeepsTheHeadAloneOtherwise) {
  const std::vector<std::vector<UnlabeledWay>> none_pays{
      {{"none", 0.6}, {"own answers", 0.6, 0.12, 0.1}, {"neighbors", 0.6, -0.1, 0.1}},  // 1.2 standard errors
      {{"none", 0.6}, {"own answers", 0.55, 0.3, 0.1}, {"neighbors", 0.5, 0.3, 0.1}},   // fewer right answers
  };
  for (const auto& ways : none_pays) {
    FromUnlabeled found = tried(ways);
    choose_way(found, false);
    EXPECT_EQ(found.taken().name, "none");
    EXPECT_NE(found.reason.find("; not better beyond chance"), std::string::npos) << found.reason;
  }
  FromUnlabeled few{.ways = {{"none"}, {"own answers"}, {"neighbors"}}};
  choose_way(few, false);
  EXPECT_EQ(few.taken().name, "none");
  EXPECT_EQ(few.reason, "too few labeled photos to see whether these help");
}

/// One that pays is preferred to one with a larger gain that has fewer right answers.
TEST(ChooseWay, PrefersWhatPays) {
  FromUnlabeled found = tried({{"none", 0.6}, {"own answers", 0.65, 0.2, 0.1}, {"neighbors", 0.55, 0.9, 0.1}});
  choose_way(found, true);
  EXPECT_EQ(found.taken().name, "own answers");
}

TEST(ChooseWay, UsesANamedMethodWithAWarning) {
  FromUnlabeled found = tried({{"none", 0.6}, {"own answers", 0.5, -0.2, 0.1}, {"neighbors", 0.5, -0.3, 0.1}});
  choose_way(found, true);
  EXPECT_EQ(found.taken().name, "own answers");
  EXPECT_EQ(found.warnings, std::vector<std::string>{"these photos do not help beyond chance; --semi auto would not use them"});
  EXPECT_EQ(to_json(found)["chosen"], "own answers");
}

}  // namespace
}  // namespace graft::fit

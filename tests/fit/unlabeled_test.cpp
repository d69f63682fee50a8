// Which way to learn from photos without labels is taken.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "graft/fit/job/unlabeled.h"

namespace graft::fit {
namespace {

FromUnlabeled tried(std::vector<UnlabeledWay> ways) {
  return {.photos = 40, .judges = "held-out training photos", .judged_on = 20, .ways = std::move(ways)};
}

TEST(ChooseWay, TakesTheOneWithTheLowestLogLoss) {
  FromUnlabeled found = tried({{"none", 0.6}, {"own answers", 0.65, 0.2, 0.1}, {"neighbors", 0.7, 0.3, 0.1}});
  choose_way(found, false, 0);
  EXPECT_EQ(found.taken().name, "neighbors");
  EXPECT_EQ(found.reason, "0.700 of 20 held-out training photos right, without unlabeled photos 0.600; log loss lower by 0.300 +- 0.100");
  EXPECT_TRUE(found.warnings.empty());
  found = tried({{"none", 0.6}, {"own answers", 0.65, 0.1, 0.1}, {"neighbors", 0.7, -0.3, 0.1}});
  choose_way(found, false, 0);
  EXPECT_EQ(found.taken().name, "own answers");
  EXPECT_TRUE(found.reason.ends_with("log loss lower by 0.100 +- 0.100, which may be chance")) << found.reason;
}

TEST(ChooseWay, KeepsTheHeadAloneOtherwise) {
  const auto reason = [](std::vector<UnlabeledWay> ways, double errors) {
    FromUnlabeled found = tried(std::move(ways));
    choose_way(found, false, errors);
    EXPECT_EQ(found.taken().name, "none");
    return found.reason;
  };
  const std::vector<UnlabeledWay> little{{"none", 0.6}, {"own answers", 0.6, 0.12, 0.1}, {"neighbors", 0.6, -0.1, 0.1}};  // 1.2 standard errors
  EXPECT_TRUE(reason(little, UnlabeledWay::kSure).ends_with("; not better beyond chance"));
  const std::vector<UnlabeledWay> fewer_right{{"none", 0.6}, {"own answers", 0.55, 0.3, 0.1}, {"neighbors", 0.5, 0.3, 0.1}};
  EXPECT_TRUE(reason(fewer_right, UnlabeledWay::kSure).ends_with("; not better beyond chance"));
  EXPECT_TRUE(reason(fewer_right, 0).ends_with("; not better"));
  EXPECT_TRUE(reason({{"none", 0.6}, {"own answers", 0.6, 0, 0}, {"neighbors", 0.7, -0.1, 0.1}}, 0).ends_with("; not better"));
  FromUnlabeled few{.ways = {{"none"}, {"own answers"}, {"neighbors"}}};
  choose_way(few, false, 0);
  EXPECT_EQ(few.taken().name, "none");
  EXPECT_EQ(few.reason, "too few labeled photos to see whether these help");
}

/// One that pays is preferred to one with a larger gain that has fewer right answers.
TEST(ChooseWay, PrefersWhatPays) {
  FromUnlabeled found = tried({{"none", 0.6}, {"own answers", 0.65, 0.2, 0.1}, {"neighbors", 0.55, 0.9, 0.1}});
  choose_way(found, true, 0);
  EXPECT_EQ(found.taken().name, "own answers");
}

TEST(ChooseWay, UsesANamedMethodWithAWarning) {
  FromUnlabeled found = tried({{"none", 0.6}, {"own answers", 0.5, -0.2, 0.1}, {"neighbors", 0.5, -0.3, 0.1}});
  choose_way(found, true, 0);
  EXPECT_EQ(found.taken().name, "own answers");
  EXPECT_EQ(found.warnings, std::vector<std::string>{"these photos do not seem to help; --semi auto would not use them"});
  EXPECT_EQ(to_json(found)["chosen"], "own answers");
}

}  // namespace
}  // namespace graft::fit

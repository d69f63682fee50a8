#include "graft/fit/adapt/judge.h"

#include <gtest/gtest.h>

#include "graft/fit/adapt/shift.h"

namespace graft::fit {
namespace {

MethodFacts facts(const char* name, double back, Gain information_gain, Gain back_gain) {
  MethodFacts m{.name = name, .source_accuracy = 0.9, .information = 1, .density = 2, .back = back};
  m.information_gain = information_gain;
  m.back_gain = back_gain;
  return m;
}

const MethodFacts kNone{.name = "none", .source_accuracy = 0.9, .information = 1, .density = 2, .back = 0.3};
const Gain kUp{0.1, {0.05, 0.15}}, kUnsure{0.1, {-0.01, 0.21}}, kDown{-0.1, {-0.2, -0.05}};

TEST(ChooseMethod, TakesWhatBothSay) {
  const Choice choice = choose_method({kNone, facts("coral", 0.5, kUp, kUp)});
  EXPECT_EQ(choice.method, 1U);
  EXPECT_EQ(choice.reason, "its answers lead back to the source better than none's, 0.500 in place of 0.300, and say more, both beyond chance");
}

constexpr const char* kStays =
    "no method's answers have more information beyond chance and also lead back to the source better beyond chance or, where that is not measured, "
    "have at least 0.1 more information";

TEST(ChooseMethod, AbstainsWhereOneOfThemDoesNot) {
  for (const auto& [information, back] : {std::pair{kUp, kUnsure}, {kUnsure, kUp}, {kDown, kUp}, {kUp, kDown}}) {
    const Choice choice = choose_method({kNone, facts("coral", 0.5, information, back)});
    EXPECT_EQ(choice.method, 0U);
    EXPECT_EQ(choice.reason, kStays);
  }
  EXPECT_EQ(choose_method({kNone}).method, 0U);
}

TEST(ChooseMethod, WithoutAllClassesDoesNotConsiderWhatAlignsWholeDomains) {
  const std::vector<MethodFacts> whole{kNone, facts("coral", 0.5, kUp, kUp)};
  EXPECT_EQ(choose_method(whole, {.told = true}).method, 1U);
  const Choice stays = choose_method(whole, {.told = true, .classes = {0, 1, 2, 3, 4}});
  EXPECT_EQ(stays.method, 0U);
  EXPECT_EQ(stays.reason, std::string(kStays) +
                              "; coral, which aligns whole domains, was not considered, because the target seems to lack 5 of the source's classes");
  const std::vector<MethodFacts> both{kNone, facts("coral", 0.6, kUp, kUp), facts("mcc", 0.5, kUp, kUp)};
  EXPECT_EQ(choose_method(both, {.told = true}).method, 1U);
  EXPECT_EQ(choose_method(both, {.told = true, .classes = {1}}).method, 2U);
  const Choice unsure = choose_method(both, {.told = false});
  EXPECT_EQ(unsure.method, 2U);
  EXPECT_EQ(
      unsure.reason,
      "its answers lead back to the source better than none's, 0.500 in place of 0.300, and say more, both beyond chance; coral, which aligns whole "
      "domains, was not considered, because whether the target has all classes of the source cannot be told");
  EXPECT_EQ(choose_method({kNone, facts("mcc", 0.5, kUp, kUnsure)}, {.told = false}).method, 0U);
  EXPECT_EQ(choose_method(whole, {.told = false, .two = true}).method, 1U) << "a target of one class would need no classifier";
}

TEST(ChooseMethod, WithoutAWayBackGoesByTheInformation) {
  MethodFacts shot = facts("shot", 0, kUp, kUp);
  shot.back_gain.reset();
  const Choice choice = choose_method({kNone, shot});
  EXPECT_EQ(choice.method, 1U);
  EXPECT_EQ(choice.reason, "its answers have 0.100 more information than none's (0.050 to 0.150); whether they are right, only labels tell");
  EXPECT_EQ(choose_method({kNone, facts("coral", 0.4, kUp, kUp), shot}).method, 1U) << "that has shown more";
  EXPECT_EQ(choose_method({kNone, facts("coral", 0.4, kUp, kUnsure), shot}).method, 2U);
  EXPECT_EQ(choose_method({kNone, facts("coral", 0.4, kUp, kUp), shot}, {.told = false}).method, 2U);
  MethodFacts little = shot;
  little.information_gain = Gain{0.09, {0.06, 0.12}};
  EXPECT_EQ(choose_method({kNone, little}).method, 0U) << "training on one's own answers gains that much by itself";
  EXPECT_EQ(choose_method({kNone, little}).reason, kStays);
  MethodFacts more = shot;
  more.information += 0.1;
  EXPECT_EQ(choose_method({kNone, shot, more, shot}).method, 2U);
  shot.information_gain = kUnsure;
  EXPECT_EQ(choose_method({kNone, shot}).method, 0U);
}

TEST(ChooseMethod, OfSeveralTheOneThatLeadsBackBest) {
  EXPECT_EQ(choose_method({kNone, facts("a", 0.5, kUp, kUp), facts("b", 0.6, kUp, kUp), facts("c", 0.9, kUp, kUnsure)}).method, 2U);
}

TEST(DoubtsAbout, AMethodThatIsWorseThanNone) {
  const auto told = [](Gain information, Gain back) { return doubts_about(facts("coral", 0.2, information, back), kNone); };
  EXPECT_EQ(told(kUp, kDown),
            std::vector<std::string>{"the answers of coral lead back to the source worse than those of none, 0.200 in place of 0.300, beyond chance: "
                                     "compare --method none, or let auto choose"});
  EXPECT_EQ(told(kDown, kUnsure),
            std::vector<std::string>{"the answers of coral say less of the target's photos than those of none, 1.000 in place of 1.000, beyond "
                                     "chance: compare --method none, or let auto choose"});
  EXPECT_EQ(told(kDown, kDown).size(), 2U);
  EXPECT_TRUE(told(kUp, kUnsure).empty());
}

TEST(WarningsOf, OneClassThatWouldBeBetter) {
  MethodFacts taken = facts("mcc", 0.5, kUp, kUp);
  taken.by_labels = {60, 100};
  const AlwaysOne better{"the source's largest class", "down", 0.71, {0.11, {0.02, 0.2}}},
      unsure{"the most frequent answer", "up", 0.61, {0.01, {-0.1, 0.1}}}, worse{"the most frequent answer", "up", 0.1, {-0.5, {-0.6, -0.4}}};
  EXPECT_EQ(warnings_of({better, unsure, worse}, taken),
            (std::vector<std::string>{"always to answer 'down', the source's largest class, would be right on 71.0 % of the target's test photos, "
                                      "mcc is on 60.0 % (the difference is beyond "
                                      "chance)",
                                      "always to answer 'up', the most frequent answer, would be right on 61.0 % of the target's test photos, mcc is "
                                      "on 60.0 % (the difference is within "
                                      "chance)"}));
  EXPECT_TRUE(warnings_of({worse}, taken).empty());
}

TEST(WarningsOf, ClassesThatAreMissingAndPhotosThatAreFar) {
  Shift shift{.before = 2,
              .after = 1,
              .source_parts = {0.5, 0.5},
              .parts = {1, 0},
              .parts_by_confusion = {1, 0},
              .missing = {1},
              .far = 30,
              .photos = 100};
  const std::vector<std::string> classes{"across", "down"};
  EXPECT_EQ(warnings_of(shift, classes), std::vector<std::string>{"the target seems to lack 1 of the source's 2 classes: 'down'"})
      << "30 of 100 are not beyond chance more than a quarter";
  shift.missing.clear();
  shift.missing_told = false;
  EXPECT_EQ(warnings_of(shift, classes),
            std::vector<std::string>{
                "whether the target lacks classes of the source cannot be told: too many of its photos are strange to the source's own head"});
  shift.missing_told = true;
  shift.far = 40;
  EXPECT_EQ(warnings_of(shift, classes),
            std::vector<std::string>{
                "40 of the target's 100 photos are farther from every class than 95 % of the source's own held-out photos: it may show "
                "other things, or differ by more than the method mends"});
}

}  // namespace
}  // namespace graft::fit

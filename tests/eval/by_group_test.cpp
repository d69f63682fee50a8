#include "graft/eval/by_group.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

namespace graft::eval {
namespace {

using Names = std::vector<std::string>;

const Gap& gap(const ByAttribute& a, GapKind kind) { return *std::ranges::find(a.gaps, kind, &Gap::kind); }

TEST(ByGroup, AgreesWithFairlearn) {
  const auto golden = nlohmann::json::parse(std::ifstream(GRAFT_TESTS "/eval/groups.json"));
  const auto labels = golden["labels"].get<std::vector<int>>();
  const auto p = golden["probabilities"].get<std::vector<float>>();
  const std::vector<data::Attribute> attributes{{.name = "g", .values = {"0", "1", "2"}, .of = golden["groups"].get<std::vector<int>>()}};
  const ByGroup found = by_group({.rows = labels.size(), .labels = labels}, p, Names{"a", "b", "c"}, attributes, 20);
  ASSERT_EQ(found.attributes.size(), 1U);
  const ByAttribute& a = found.attributes[0];
  for (std::size_t g = 0; g < 3; ++g) {
    EXPECT_NEAR(a.groups[g].accuracy.value(), golden["accuracy"][g], 1e-9);
    EXPECT_NEAR(a.groups[g].balanced_accuracy, golden["balanced_accuracy"][g], 1e-9);
    for (std::size_t k = 0; k < 3; ++k) {
      EXPECT_NEAR(a.groups[g].classes[k].recall.value(), golden["recall"][k][g], 1e-9);
      EXPECT_NEAR(a.groups[g].classes[k].false_alarms.value(), golden["false_positive_rate"][k][g], 1e-9);
      EXPECT_NEAR(a.groups[g].classes[k].answers.value(), golden["selection_rate"][k][g], 1e-9);
    }
  }
  EXPECT_NEAR(gap(a, GapKind::demographic_parity).size, golden["demographic_parity_difference"], 1e-9);
  EXPECT_NEAR(gap(a, GapKind::equalised_odds).size, golden["equalized_odds_difference"], 1e-9);
}

TEST(Newcombe, AsInThePaper) {  // 56/70 - 48/80: table II, example (a), method 10: 0.0524 to 0.3339
  const Interval found = newcombe({56, 70}, {48, 80});
  EXPECT_NEAR(found.low, 0.0524, 5e-5);
  EXPECT_NEAR(found.high, 0.3339, 5e-5);
}

/// Photos of two classes in turn, of which every `wrong_every`-th of group 1 is answered wrongly, and none of group 0.
struct Made {
  std::vector<int> labels, groups;
  std::vector<float> p;
  Made(int of_each, int wrong_every) {
    for (int i = 0; i < 2 * of_each; ++i) {
      const int group = i < of_each ? 0 : 1, label = i % 2;
      const bool wrong = group == 1 && i % wrong_every == 0;
      labels.push_back(label);
      groups.push_back(group);
      const float first = (label == 0) != wrong ? 0.75F : 0.25F;
      p.insert(p.end(), {first, 1 - first});
    }
  }
  ByAttribute found(long fewest = 20) const {
    return by_group({.rows = labels.size(), .labels = labels}, p, Names{"cat", "dog"}, std::vector<data::Attribute>{{"site", {"A", "B"}, groups}},
                    fewest)
        .attributes[0];
  }
};

TEST(ByGroup, AGapThatChanceWouldHardlyGive) {
  const ByAttribute a = Made(60, 4).found();  // 15 of 60 wrong, all cats
  const Gap& odds = gap(a, GapKind::equalised_odds);
  EXPECT_NEAR(odds.size, 0.5, 1e-12);
  EXPECT_EQ(odds.of, "recall of cat");
  EXPECT_EQ(a.groups[odds.high].name, "A");
  EXPECT_EQ(a.groups[odds.low].name, "B");
  EXPECT_NEAR(odds.interval->low, 0.2968, 1e-4);
  EXPECT_FALSE(odds.by_chance());
  EXPECT_FALSE(gap(a, GapKind::accuracy).by_chance());
  EXPECT_NEAR(gap(a, GapKind::calibration).size, 0.25, 1e-6);
  EXPECT_EQ(*a.worst, 1U);
  EXPECT_EQ(a.worst_class->group, 1U);
  EXPECT_EQ(a.worst_class->which, 0U);
}

TEST(ByGroup, AGapThatChanceMayGive) {
  const ByAttribute a = Made(40, 20).found();  // 2 of 40 wrong
  EXPECT_NEAR(gap(a, GapKind::accuracy).size, 0.05, 1e-12);
  EXPECT_TRUE(gap(a, GapKind::accuracy).by_chance());
  EXPECT_LT(gap(a, GapKind::accuracy).interval->low, 0);
  EXPECT_GT(gap(a, GapKind::accuracy).interval->high, 0.05);
}

TEST(ByGroup, FewPhotosAreListedAndNotCompared) {
  const Made made(40, 4);
  const ByAttribute a = made.found(41);
  EXPECT_TRUE(a.gaps.empty());
  EXPECT_FALSE(a.worst);
  EXPECT_EQ(a.groups[1].photos, 40);
  EXPECT_FALSE(a.groups[1].compared);
  EXPECT_NE(to_table(ByGroup{41, {"cat", "dog"}, {a}}).find("fewer than two groups with 41 photos: nothing is compared\n"), std::string::npos);
}

TEST(ByGroup, TwoAttributesAreCrossed) {
  const Made made(80, 4);
  std::vector<int> odd;
  for (std::size_t i = 0; i < made.labels.size(); ++i) odd.push_back(static_cast<int>(i / 2 % 2));
  const std::vector<data::Attribute> attributes{{"site", {"A", "B"}, made.groups}, {"lamp", {"on", "off"}, odd}};
  const Truth truth{.rows = made.labels.size(), .labels = made.labels};
  const ByGroup found = by_group(truth, made.p, Names{"cat", "dog"}, attributes, 20);
  ASSERT_EQ(found.attributes.size(), 3U);
  EXPECT_EQ(found.attributes[2].name, "site and lamp");
  EXPECT_TRUE(found.attributes[2].crossed);
  EXPECT_EQ(found.attributes[2].groups[2].name, "B, on");
  EXPECT_EQ(found.attributes[2].groups[2].photos, 40);
  EXPECT_EQ(found.attributes[2].groups[2].accuracy.part, 20) << "wrong are cats whose number divides by four, which have the lamp on";
  EXPECT_EQ(*found.attributes[2].worst, 2U);
  EXPECT_EQ(by_group(truth, made.p, Names{"cat", "dog"}, attributes, 41).attributes.size(), 2U) << "crossed groups have 40 photos";
}

TEST(ByGroup, OfSeveralClassesEachByItself) {
  std::vector<float> targets, p;
  std::vector<int> groups;
  for (int i = 0; i < 80; ++i) {
    const bool first = i % 2 == 0, second = i % 4 < 2, lost = i >= 40 && second && i % 8 < 4;
    targets.insert(targets.end(), {first ? 1.0F : 0.0F, second ? 1.0F : 0.0F});
    p.insert(p.end(), {first ? 0.9F : 0.1F, second && !lost ? 0.9F : 0.1F});
    groups.push_back(i / 40);
  }
  const ByGroup found = by_group({.task = data::MultiLabel{}, .rows = 80, .targets = targets}, p, Names{"round", "red"},
                                 std::vector<data::Attribute>{{"site", {"A", "B"}, groups}}, 20);
  const ByAttribute& a = found.attributes[0];
  EXPECT_EQ(a.groups[1].accuracy.part, 30) << "every class right";
  EXPECT_EQ(a.groups[1].classes[1].recall.part, 10);
  EXPECT_EQ(a.groups[1].classes[1].recall.whole, 20);
  EXPECT_EQ(a.groups[1].classes[0].recall.part, 20);
  EXPECT_EQ(gap(a, GapKind::equalised_odds).of, "recall of red");
  EXPECT_FALSE(gap(a, GapKind::equalised_odds).by_chance());
  EXPECT_NEAR(a.groups[0].ece, 0.1, 1e-6);
}

TEST(ByGroup, AsTableAndJson) {
  const ByGroup found{20, {"cat", "dog"}, {Made(60, 4).found()}};
  const std::string table = to_table(found);
  EXPECT_TRUE(
      table.starts_with("by site\n"
                        "site  photos  accuracy           95 %  balanced          95 %   ECE        95 %  confidence\n"
                        "A         60     100.0  94.0 to 100.0     100.0             -  25.0           -        75.0\n"))
      << table;
  EXPECT_NE(table.find("equalized odds, recall of cat"), std::string::npos) << table;
  EXPECT_NE(table.find("worst group: B, accuracy 75.0 % (45 of 60; 95 % interval 62.8 to 84.2 %)\n"
                       "worst class in a group: cat in B, recall 50.0 % (15 of 30; 95 % interval 33.2 to 66.8 %)\n"),
            std::string::npos)
      << table;
  const nlohmann::ordered_json json = to_json(found)["attributes"][0];
  EXPECT_EQ(json["worst_group"], "B");
  EXPECT_EQ(json["groups"][1]["classes"][0]["recall"]["part"], 15);
  EXPECT_EQ(json["gaps"][3]["name"], "equalized_odds_difference");
  EXPECT_EQ(json["gaps"][3]["within_chance"], false);
}

}  // namespace
}  // namespace graft::eval

#include "graft/trust/costs.h"

#include <gtest/gtest.h>

#include "error_text.h"
#include "folder.h"
#include "graft/base/files.h"

namespace graft::trust {
namespace {

const std::vector<std::string> kClasses{"good", "broken"};

class ReadCosts : public testing::Test {
 protected:
  Costs read(const std::string& text) const {
    write_file(folder_ / "costs.csv", text);
    return read_costs(folder_ / "costs.csv", data::SingleLabel{}, kClasses);
  }
  std::string error(const std::string& text) const {
    std::string message = test::error_of([&] { read(text); });
    const std::string place = folder_.path().string() + "/";
    if (const auto at = message.find(place); at != std::string::npos) message.erase(at, place.size());
    return message;
  }
  TestFolder folder_;
};

TEST_F(ReadCosts, ColumnsStandInAnyOrderAndAClassTakenForItselfIsFree) {
  const Costs costs = read("cost,true,predicted\n20,broken,good\n1, good , broken\n");
  EXPECT_EQ(costs.values, (std::vector<double>{0, 1, 20, 0}));
  EXPECT_EQ(read("true;predicted;cost\nbroken;good;20\ngood;broken;1\nbroken;broken;0.5\n").values, (std::vector<double>{0, 1, 20, 0.5}));
}

TEST_F(ReadCosts, WhatIsWrongIsNamedWithItsLine) {
  const std::string head = "true,predicted,cost\n";
  EXPECT_EQ(error(""),
            "data: costs.csv: is empty, expected the columns true, predicted and cost; give a line for each pair, such as: true,predicted,cost");
  EXPECT_EQ(error("true,said,cost\n"),
            "data: costs.csv: has no column 'predicted', expected true, predicted and cost; give a line for each pair, such as: true,predicted,cost");
  EXPECT_EQ(error(head + "broken,good\n"), "data: costs.csv:2: 2 fields, expected 3 as in the first line");
  EXPECT_EQ(error(head + "broken,god,2\n"),
            "data: costs.csv:2: the model has no class 'god', its classes are 'good', 'broken'; did you mean 'good'?");
  for (const char* cost : {"-1", "nan", "inf", "much", ""})
    EXPECT_EQ(error(head + "broken,good," + cost + "\n"),
              std::string("data: costs.csv:2: '") + cost + "' is not a cost, expected a finite number of at least 0");
  EXPECT_EQ(error(head + "broken,good,1\nbroken,good,2\n"),
            "data: costs.csv:3: gives the cost of true 'broken', predicted 'good' again, after line 2; remove one of the lines");
  EXPECT_EQ(error(head + "broken,good,1\n"),
            "data: costs.csv: is not square: no cost of 'good,broken' (true,predicted); give all 2 pairs of different classes; right answers may be "
            "left out and cost 0");
  EXPECT_EQ(error(head + "broken,good,0\ngood,broken,0\n"),
            "data: costs.csv: every cost is 0: nothing can be chosen by them; give mistakes a higher cost");
}

TEST_F(ReadCosts, OfSeveralClassesAPhotoTheyAreRefused) {
  EXPECT_EQ(test::error_of([] { read_costs("costs.csv", data::MultiLabel{}, kClasses); }),
            "usage: --costs costs.csv: is for photos of one class each; these have several; omit it: with several classes per photo, a mistake "
            "is not a pair of classes");
}

TEST(Cheapest, IsTheClassThatCostsLeastInExpectation) {
  const Costs costs{2, {0, 1, 20, 0}};
  EXPECT_EQ(costs.cheapest(std::vector<float>{0.96F, 0.04F}).label, 0);
  EXPECT_NEAR(costs.cheapest(std::vector<float>{0.96F, 0.04F}).cost, 0.8, 1e-6);
  EXPECT_EQ(costs.cheapest(std::vector<float>{0.94F, 0.06F}).label, 1) << "from 1 / 21 on";
  EXPECT_NEAR(costs.cheapest(std::vector<float>{0.94F, 0.06F}).cost, 0.94, 1e-6);
  const Costs even{2, {0, 1, 1, 0}};
  EXPECT_EQ(even.cheapest(std::vector<float>{0.25F, 0.75F}).label, 1);
  EXPECT_EQ(even.cheapest(std::vector<float>{0.5F, 0.5F}).label, 0);
}

}  // namespace
}  // namespace graft::trust

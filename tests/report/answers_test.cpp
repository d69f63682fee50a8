// Which rows of predictions.csv a page takes, and which photos it shows.
#include "graft/report/answers.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "error_text.h"
#include "graft/base/error.h"

namespace graft::report {
namespace {

using test::message_of;

const std::string kHeader = "path,label,predicted,probability,loss,probability of a,probability of b\n";

/// Row i of n: wrong where i is a multiple of `wrong`; the probability grows with i.
std::string table(int n, int wrong) {
  std::string csv = kHeader;
  for (int i = 0; i < n; ++i) csv += fmt::format("{}.jpg,a,{},{:.6f},0.5,0.5,0.5\n", i, wrong > 0 && i % wrong == 0 ? "b" : "a", 0.5 + 0.5 * i / n);
  return csv;
}

TEST(Answers, AreAllOfThemWhereTheyAreFew) {
  const Answers answers = choose_answers(table(10, 5), "p.csv");
  EXPECT_EQ(answers.csv, table(10, 5));
  EXPECT_EQ(answers.total, 10U);
  EXPECT_EQ(answers.rows, 10U);
  EXPECT_TRUE(answers.added.empty());
  EXPECT_EQ(answers.photos.size(), 10U);
  EXPECT_EQ(answers.photos.front(), "5.jpg") << "the most confident mistake";
  EXPECT_EQ(answers.photos[1], "1.jpg") << "stands for its class, and is the least confident hit";
  EXPECT_EQ(answers.photos[2], "0.jpg") << "the other mistake";
}

TEST(Answers, OfManySomeStandForAll) {
  const AnswerLimits limits{.rows = 100, .row_bytes = 1'000'000, .photos = 30};
  const Answers answers = choose_answers(table(5000, 50), "p.csv", limits);
  EXPECT_EQ(answers.total, 5000U);
  EXPECT_EQ(answers.rows - answers.added.size(), 100U);
  EXPECT_EQ(answers.photos.size(), 30U);
  EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(answers.csv, '\n')), answers.rows + 1);
  EXPECT_NE(answers.csv.find("\n4950.jpg,"), std::string::npos) << "the most confident mistake, drawn or not";
  EXPECT_EQ(choose_answers(table(5000, 50), "p.csv", limits).csv, answers.csv) << "the same every time";
  EXPECT_LE(choose_answers(table(5000, 50), "p.csv", {.rows = 5000, .row_bytes = 4000, .photos = 0}).csv.size(), 4200U);
}

TEST(Answers, SomeMistakesAndHitsAreLookedAtClosely) {
  const Answers answers = choose_answers(table(10, 4), "p.csv", {.close = 2});
  std::vector<std::string> found;
  for (const CloseUp& photo : answers.close_ups) found.push_back(photo.path + " " + photo.label + " " + photo.predicted);
  EXPECT_EQ(found, (std::vector<std::string>{"8.jpg a b", "4.jpg a b", "1.jpg a a", "2.jpg a a"}))
      << "the most confident mistakes, the least confident hits";
}

TEST(Answers, HaveNamesOfStrangersAsTheyAre) {
  const std::string row = "\"a,\"\"b\"\"\nc.jpg\",\"</script>\",x,0.9,2.5,0.1,0.9\n";
  const Answers answers = choose_answers(kHeader + row, "p.csv");
  EXPECT_EQ(answers.csv, kHeader + row);
  EXPECT_EQ(answers.photos, std::vector<std::string>{"a,\"b\"\nc.jpg"});
}

TEST(Answers, OfSeveralClassesAPhotoAreReadToo) {
  const std::string csv = "path,label,predicted,loss,probability of a,probability of b\n1.jpg,a;b,a,0.5,0.9,0.4\n";
  EXPECT_EQ(choose_answers(csv, "p.csv").photos, std::vector<std::string>{"1.jpg"});
}

TEST(Answers, MayHaveColumnsByTheRulesOfTheModel) {
  const std::string csv =
      "path,label,predicted,probability,expected_cost,set,loss,probability of a,probability of b\n1.jpg,a,b,0.2,0.8,a;b,0.2,0.8,0.2\n";
  EXPECT_EQ(choose_answers(csv, "p.csv").csv, csv);
  EXPECT_EQ(choose_answers("path,label,predicted,set,loss,probability of a\n1.jpg,a,a,a,0.5,0.9\n", "p.csv").rows, 1U);
}

TEST(Answers, WhatNoRunWritesIsRefused) {
  EXPECT_EQ(message_of([] { choose_answers("a,b\n", "p.csv"); }),
            "p.csv: is not in the format that a run writes, expected the columns path,label,predicted; train the run again");
  EXPECT_EQ(message_of([] { choose_answers(kHeader + "1.jpg,a\n", "p.csv"); }),
            "p.csv:2: is not in the format that a run writes, expected path,label,predicted and numbers; train the run again");
}

}  // namespace
}  // namespace graft::report

#include "graft/study/outcome.h"

#include <gtest/gtest.h>

#include "error_text.h"
#include "folder.h"
#include "graft/base/files.h"

namespace graft::study {
namespace {

using test::message_of;

class ReadOutcome : public testing::Test {
 protected:
  std::filesystem::path write(const std::string& name, const std::string& csv) {
    write_file(folder_ / name / "predictions.csv", csv);
    return folder_ / name;
  }
  std::string refused(const std::string& csv) {
    const std::filesystem::path run = write("bad", csv);
    std::string text = message_of([&] { read_outcome(run); });
    const std::string place = folder_.path().string() + "/";
    for (std::size_t at; (at = text.find(place)) != std::string::npos;) text.erase(at, place.size());
    return text;
  }

  TestFolder folder_;
};

TEST_F(ReadOutcome, IsSortedByPathWithWhatIsRight) {
  const Outcome o = read_outcome(write("run", "path,label,predicted,probability\nz.jpg,a,b,0.6\n\"a,b.jpg\",b,b,0.9\nc.jpg,a,a,0.5\n"));
  EXPECT_EQ(o.paths, (std::vector<std::string>{"a,b.jpg", "c.jpg", "z.jpg"}));
  EXPECT_EQ(o.labels, (std::vector<std::string>{"b", "a", "a"}));
  EXPECT_EQ(o.right, (std::vector<bool>{true, true, false}));
  EXPECT_NEAR(value_of(o, "accuracy"), 2.0 / 3, 1e-12);
  EXPECT_NEAR(value_of(o, "balanced-accuracy"), 0.75, 1e-12);
}

TEST_F(ReadOutcome, KnowsWhatLeaked) {
  const std::string csv = "path,label,predicted,probability\nz.jpg,a,b,0.6\n";
  EXPECT_FALSE(read_outcome(write("run", csv)).leaked);
  write_file(folder_ / "run/eval.json", std::string_view(R"({"count": 8, "leaked": {"exact": 2, "near": 1, "accuracy_without": null}})"));
  const auto leaked = read_outcome(folder_ / "run").leaked;
  ASSERT_TRUE(leaked);
  EXPECT_EQ(sentence_of(*leaked),
            "3 of the 8 validation photos are also in training (1 of them almost): no others are left to measure; --dedupe-near takes the copies out "
            "of training");
  write_file(folder_ / "bad/eval.json", std::string_view(R"({"leaked": 1})"));
  EXPECT_EQ(refused(csv), "bad/eval.json: is not in the format that a run writes; train the run again");
}

TEST_F(ReadOutcome, HasEveryScoreOfTheTask) {
  const std::string header = "path,label,predicted,probability,loss,probability of a,probability of b\n";
  const Outcome o = read_outcome(write("run", header + "/1,a,b,0.6,0.916291,0.400000,0.600000\n/2,b,b,0.9,0.105361,0.100000,0.900000\n"
                                                       "/3,a,a,0.8,0.223144,0.800000,0.200000\n/4,b,b,0.7,0.356675,0.300000,0.700000\n"));
  EXPECT_EQ(o.task, data::Task(data::SingleLabel{}));
  EXPECT_NEAR(value_of(o, "macro-f1"), (2.0 / 3 + 4.0 / 5) / 2, 1e-12);
  EXPECT_NEAR(value_of(o, "log-loss"), (0.916291 + 0.105361 + 0.223144 + 0.356675) / 4, 1e-12);
  EXPECT_NEAR(value_of(o, "accuracy", {true, false, false, false}), 1, 1e-12);
  EXPECT_NEAR(value_of(o, "log-loss", {true, false, true, true}), 0.105361, 1e-12);
  EXPECT_NEAR(value_of(o, "macro-f1", {true, false, false, false}), 1, 1e-12);
  EXPECT_EQ(
      message_of([&] { value_of(o, "map"); }),
      "--metric map: is not a score for single-label photos, expected accuracy, balanced-accuracy, macro-f1, auroc, kappa, mcc, log-loss, brier, "
      "ece; choose one of these");
}

TEST_F(ReadOutcome, KnowsPhotosOfSeveralClasses) {
  const Outcome o =
      read_outcome(write("run", "path,label,predicted,loss,probability of a,probability of b\n/1,a;b,a,0.5,0.9,0.3\n/2,,,0.1,0.2,0.1\n"));
  EXPECT_EQ(o.task, data::Task(data::MultiLabel{}));
  EXPECT_EQ(o.targets, (std::vector<float>{1, 1, 0, 0}));
  EXPECT_EQ(value_of(o, "accuracy"), 0.5);
  EXPECT_EQ(value_of(o, "map"), 1);
  EXPECT_NEAR(value_of(o, "micro-f1"), 2.0 / 3, 1e-12);
}

TEST_F(ReadOutcome, AnEarlierGraftsFileHasAccuracyAlone) {
  const std::filesystem::path run = write("run", "path,label,predicted,probability\n1,a,a,0.9\n");
  const Outcome o = read_outcome(run);
  EXPECT_EQ(value_of(o, "accuracy"), 1);
  EXPECT_EQ(message_of([&] { value_of(o, "macro-f1"); }),
            run.string() +
                ": was written by an earlier version of graft, without what macro-f1 is computed from; train the run again, or compare by accuracy");
}

TEST_F(ReadOutcome, PathsAreMeantFromTheRunUnlessAnEarlierGraftWroteThem) {
  const std::string columns = "path,label,predicted,probability";
  const Outcome now = read_outcome(write("runs/now", columns + ",loss\n../../photos/1.jpg,a,a,1,0\n/data/2.jpg,a,a,1,0\n")),
                deeper = read_outcome(write("runs/x/deeper", columns + ",loss\n../../../photos/1.jpg,a,a,1,0\n/data/2.jpg,a,b,1,1\n")),
                before = read_outcome(write("runs/before", columns + "\nphotos/1.jpg,a,a,1\n/data/2.jpg,a,a,1\n"));
  const std::string photo = (std::filesystem::canonical(folder_.path()) / "photos/1.jpg").string();
  EXPECT_EQ(now.paths, (std::vector<std::string>{"/data/2.jpg", photo}));
  EXPECT_EQ(deeper.paths, now.paths);
  EXPECT_EQ(before.paths, (std::vector<std::string>{"/data/2.jpg", "photos/1.jpg"}));
}

TEST_F(ReadOutcome, WhatIsNoFinishedRunIsRefused) {
  EXPECT_EQ(message_of([] { read_outcome("nowhere"); }), "nowhere: no such run; give the folder of a finished run");
  std::filesystem::create_directory(folder_ / "empty");
  EXPECT_NE(message_of([&] { read_outcome(folder_ / "empty"); }).find("has no eval.json, which every measured run has"), std::string::npos);
  const std::string columns =
      "bad/predictions.csv: is not in the format that a run writes, expected the columns path,label,predicted; train the run again";
  EXPECT_EQ(refused(""), columns);
  EXPECT_EQ(refused("path,label,predicted\n"), columns);
  EXPECT_EQ(refused("path,name,predicted\na,b,c\n"), columns);
  EXPECT_EQ(refused("path,label,predicted\na,b,c\na,b\n"), "bad/predictions.csv:3: 2 fields, expected 3; train the run again");
  const std::string header = "path,label,predicted,probability,loss,probability of a\n";
  EXPECT_EQ(refused(header + "1,a,a,1,x,1\n"), "bad/predictions.csv:2: 'x' is not a number; train the run again");
  EXPECT_EQ(refused(header + "1,b,a,1,0,1\n"), "bad/predictions.csv:2: has a label 'b' without a column of its probability; train the run again");
}

TEST_F(ReadOutcome, OnlyTheSameImagesCompare) {
  const Outcome first = read_outcome(write("first", "path,label,predicted\n1,a,a\n2,b,b\n")),
                other = read_outcome(write("other", "path,label,predicted\n1,a,b\n3,b,b\n")),
                more = read_outcome(write("more", "path,label,predicted\n1,a,b\n2,b,b\n3,b,b\n")),
                labelled = read_outcome(write("labelled", "path,label,predicted\n1,b,b\n2,b,b\n"));
  const auto text = [&](const Outcome& a, const Outcome& b) {
    std::string message = message_of([&] { check_same_images(a, b); });
    const std::string place = folder_.path().string() + "/";
    for (std::size_t at; (at = message.find(place)) != std::string::npos;) message.erase(at, place.size());
    return message;
  };
  const std::string hint = "; only runs that were validated on the same photos can be compared photo by photo";
  EXPECT_EQ(text(first, first), "no error");
  EXPECT_EQ(text(first, other), "first: was validated on 2, other was not" + hint);
  EXPECT_EQ(text(first, more), "more: was validated on 3, first was not" + hint);
  EXPECT_EQ(text(more, first), "more: was validated on 3, first was not" + hint);
  EXPECT_EQ(text(first, labelled), "first: has 1 as 'a', labelled as 'b'" + hint);
}

}  // namespace
}  // namespace graft::study

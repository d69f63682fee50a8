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
  EXPECT_NEAR(value_of(o, Metric::accuracy), 2.0 / 3, 1e-12);
  EXPECT_NEAR(value_of(o, Metric::balanced_accuracy), 0.75, 1e-12);
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
  EXPECT_NE(message_of([&] { read_outcome(folder_ / "empty"); }).find("has no predictions.csv, which every finished run has"), std::string::npos);
  const std::string columns = "bad/predictions.csv: is not what a run writes, expected the columns path,label,predicted; train the run again";
  EXPECT_EQ(refused(""), columns);
  EXPECT_EQ(refused("path,label,predicted\n"), columns);
  EXPECT_EQ(refused("path,name,predicted\na,b,c\n"), columns);
  EXPECT_EQ(refused("path,label,predicted\na,b,c\na,b\n"), "bad/predictions.csv:3: 2 fields, expected 3; train the run again");
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
  const std::string hint = "; only runs that were validated on the same images can be compared image by image";
  EXPECT_EQ(text(first, first), "no error");
  EXPECT_EQ(text(first, other), "first: was validated on 2, other was not" + hint);
  EXPECT_EQ(text(first, more), "more: was validated on 3, first was not" + hint);
  EXPECT_EQ(text(more, first), "more: was validated on 3, first was not" + hint);
  EXPECT_EQ(text(first, labelled), "first: has 1 as 'a', labelled as 'b'" + hint);
}

}  // namespace
}  // namespace graft::study

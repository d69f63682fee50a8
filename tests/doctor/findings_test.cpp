// What is found in made data sets.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "doctor/photos.h"
#include "graft/doctor/examine.h"
#include "graft/doctor/print.h"

namespace graft::doctor {
namespace {

class Findings : public testing::Test {
 protected:
  /// Ten photos for each class of each part, no two the same.
  void plain(const std::vector<std::string>& folders = {"ant", "bee"}) {
    for (const std::string& name : folders)
      for (int i = 0; i < 10; ++i) put_photo(folder_ / (name + "/" + std::to_string(i) + ".png"), noise(40, 36, number_++));
  }

  Report examine() const {
    ThreadPool pool(2);
    return doctor::examine(folder_.path(), {}, pool);
  }

  /// "kind: text" of all findings, and what may go.
  std::vector<std::string> found() const {
    const Report report = examine();
    std::vector<std::string> lines;
    for (const Finding& finding : report.findings) {
      std::string line = std::string(row_of(finding.kind).name) + ": " + finding.text;
      for (const std::size_t row : finding.superfluous) line += " [" + report.photos[row].name + "]";
      lines.push_back(std::move(line));
    }
    return lines;
  }

  using Lines = std::vector<std::string>;
  TestFolder folder_;
  int number_ = 0;
};

TEST_F(Findings, NothingInAPlainSet) {
  plain();
  EXPECT_EQ(found(), Lines());
  EXPECT_NE(to_table(examine()).find("nothing was found"), std::string::npos);
}

TEST_F(Findings, CopiesInOnePartLeaveTheShortestName) {
  plain();
  put_photo(folder_ / "ant/1 copy.png", noise(40, 36, 1));
  put_file(folder_ / "ant/z.bmp", bmp_of(noise(40, 36, 1)));
  EXPECT_EQ(found(), Lines{"exact-copies: the same picture 3 times: 'ant/1 copy.png', 'ant/1.png' and 'ant/z.bmp' [ant/1 copy.png] [ant/z.bmp]"});
}

TEST_F(Findings, CopiesAcrossPartsGoOutOfTraining) {
  plain({"train/ant", "train/bee", "val/ant", "val/bee"});
  put_photo(folder_ / "train/bee/x.png", noise(40, 36, 35));
  EXPECT_EQ(found(), Lines{"exact-leak: the same picture in several parts: 'train/bee/x.png' (train) and 'val/bee/5.png' (val) [train/bee/x.png]"});
}

TEST_F(Findings, TheSamePictureUnderTwoLabelsStays) {
  plain();
  put_photo(folder_ / "bee/x.png", noise(40, 36, 1));
  EXPECT_EQ(found(), Lines{"exact-conflict: the same picture under different labels: 'ant/1.png' (ant) and 'bee/x.png' (bee)"});
}

TEST_F(Findings, AConflictAcrossPartsIsALeakToo) {
  plain({"train/ant", "train/bee", "val/ant", "val/bee"});
  put_photo(folder_ / "val/bee/x.png", noise(40, 36, 1));
  EXPECT_EQ(found(),
            (Lines{"exact-leak: the same picture in several parts: 'train/ant/1.png' (train) and 'val/bee/x.png' (val)",
                   "exact-conflict: the same picture under different labels: 'train/ant/1.png' (train, ant) and 'val/bee/x.png' (val, bee)"}));
}

TEST_F(Findings, OddFiles) {
  plain();
  put_file(folder_ / "ant/broken.png", png_of(noise(40, 36, 90)).substr(0, 200));
  put_file(folder_ / "ant/named.jpg", png_of(noise(40, 36, 91)));
  put_photo(folder_ / "ant/tiny.png", noise(5, 6, 92));
  put_photo(folder_ / "ant/long.png", noise(150, 36, 93));
  put_photo(folder_ / "bee/flat.png", flat(40, 36, 120, 121, 119));
  put_photo(folder_ / "bee/grey.png", flat(40, 36, 9, 9, 9));
  const Report report = examine();
  std::vector<std::string> kinds;
  for (const Finding& finding : report.findings) {
    std::string photos;
    for (const std::size_t row : finding.photos) photos += " " + report.photos[row].name;
    kinds.push_back(std::string(row_of(finding.kind).name) + photos);
  }
  EXPECT_EQ(kinds, (Lines{"unreadable ant/broken.png", "mistyped ant/named.jpg", "uniform bee/flat.png bee/grey.png", "tiny ant/tiny.png",
                          "extreme-aspect ant/long.png", "color-mixture bee/grey.png"}));
  EXPECT_EQ(report.findings[1].text, "PNG in 1 file named as JPEG");
}

TEST_F(Findings, ASmallSetIsNotTiny) {
  for (const std::string name : {"ant", "bee"})
    for (int i = 0; i < 10; ++i) put_photo(folder_ / (name + "/" + std::to_string(i) + ".png"), noise(8, 8, number_++));
  EXPECT_EQ(found(), Lines());
}

TEST_F(Findings, ClassesOfFewPhotosAndOfVeryDifferentSizes) {
  plain({"train/ant", "val/ant", "train/bee"});
  for (int i = 10; i < 60; ++i) put_photo(folder_ / ("train/ant/" + std::to_string(i) + ".png"), noise(40, 36, 1000 + i));
  put_photo(folder_ / "train/cat/a.png", noise(40, 36, 2000));
  EXPECT_EQ(found(), (Lines{"few-photos: no photo in val: 'bee', 'cat'", "few-photos: fewer than 10 training photos: 'cat: 1'",
                            "imbalance: 'ant' has 60 photos, 'cat' 1: 60.0 times as many"}));
}

TEST_F(Findings, GroupsDividedByATable) {
  plain({"photos/ant", "photos/bee"});
  std::ostringstream table;
  table << "path,label,split,patient\n";
  for (const std::string name : {"ant", "bee"})
    for (int i = 0; i < 10; ++i)
      table << "photos/" << name << "/" << i << ".png," << name << "," << (i < 8 ? "train" : "val") << ",p" << i % 9 << "\n";
  put_file(folder_ / "labels.csv", table.str());
  ThreadPool pool(1);
  const Report report = doctor::examine(folder_ / "labels.csv", {.source = {.group_column = "patient"}}, pool);
  const auto divided = std::ranges::find(report.findings, Kind::divided_group, &Finding::kind);
  ASSERT_NE(divided, report.findings.end());
  EXPECT_EQ(divided->text, "1 of 9 groups have photos in several parts: 'p0'");
  EXPECT_EQ(divided->photos.size(), 4U);
}

TEST_F(Findings, OfSeveralClassesAPhoto) {
  plain({"photos/a"});
  put_photo(folder_ / "photos/a/x.png", noise(40, 36, 0));
  std::string table = "path,label\nphotos/a/x.png,ant\n";
  for (int i = 0; i < 10; ++i) table += "photos/a/" + std::to_string(i) + ".png,ant;bee\n";
  put_file(folder_ / "labels.csv", table);
  ThreadPool pool(1);
  const Report report = doctor::examine(folder_ / "labels.csv", {}, pool);
  ASSERT_FALSE(report.findings.empty());
  EXPECT_EQ(report.findings[0].text, "the same picture under different labels: 'photos/a/0.png' (ant;bee) and 'photos/a/x.png' (ant)");
}

TEST_F(Findings, AsJsonAndCsv) {
  plain();
  put_photo(folder_ / "ant/x,y.png", noise(40, 36, 1));
  const Report report = examine();
  const nlohmann::ordered_json json = to_json(report);
  EXPECT_EQ(json.at("photos"), 21);
  EXPECT_EQ(json.at("warnings"), 1);
  EXPECT_EQ(json.at("findings").at(0).at("kind"), "exact-copies");
  EXPECT_EQ(json.at("findings").at(0).at("superfluous").at(0), (folder_ / "ant/x,y.png").string());
  const std::string csv = to_csv(report, folder_.path());
  EXPECT_NE(csv.find("1,exact-copies,warning," + (folder_ / "ant/1.png").string() + ",train,ant,,,"), std::string::npos) << csv;
  EXPECT_NE(csv.find("\"" + (folder_ / "ant/x,y.png").string() + "\",train,ant,,yes,"), std::string::npos) << csv;
}

}  // namespace
}  // namespace graft::doctor

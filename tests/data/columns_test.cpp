// Tables as people have them: which column is which.
#include <gtest/gtest.h>

#include "data/made_files.h"

namespace graft::data {
namespace {

using test::put;
using Rows = std::vector<std::string>;

class ColumnsOfTables : public ::testing::Test {
 protected:
  ColumnsOfTables() {
    for (int i = 0; i < 8; ++i) put(folder_ / ("p/" + std::to_string(i) + ".jpg"));
  }
  /// Eight rows; `row(i)` gives what follows the header.
  template <class Row>
  Splits open(const std::string& header, Row&& row, const SourceOptions& options = {}) {
    std::string text = header + "\n";
    for (int i = 0; i < 8; ++i) text += row(std::to_string(i), i) + "\n";
    put(folder_ / "t.csv", text);
    return open_splits(folder_ / "t.csv", {.source = options});
  }
  template <class Row>
  std::string error(const std::string& header, Row&& row, const SourceOptions& options = {}) {
    return test::error_in(folder_, [&] { open(header, row, options); });
  }

  const TestFolder folder_;
};

std::string path(const std::string& i) { return "p/" + i + ".jpg"; }
std::string label(int i) { return i % 2 == 0 ? "ant" : "bee"; }
const Rows kClasses = {"ant", "bee"};

TEST_F(ColumnsOfTables, LabelGoesBeforeItsSynonyms) {
  const Splits splits =
      open("path,category,label", [](const std::string& i, int n) { return path(i) + "," + (n < 4 ? "indoor" : "outdoor") + "," + label(n); });
  EXPECT_EQ(splits.classes, kClasses);
  EXPECT_EQ(splits.notes, Rows{"columns: photos from 'path', classes from 'label'; not used: 'category'"});
  EXPECT_EQ(open("path,target,label", [](const std::string& i, int n) { return path(i) + "," + std::to_string(n % 2) + "," + label(n); }).classes,
            kClasses);
}

TEST_F(ColumnsOfTables, TwoOfOneRankAreRefused) {
  const auto row = [](const std::string& i, int n) { return path(i) + "," + (n < 4 ? "in" : "out") + "," + label(n); };
  EXPECT_EQ(error("path,category,class", row),
            "data: t.csv:1: several columns could name the classes: 'category', 'class'; say which: --label-column NAME");
  EXPECT_EQ(open("path,category,class", row, {.label_column = "Class"}).classes, kClasses);
  EXPECT_EQ(error("path,category,class", row, {.label_column = "clas"}),
            "data: t.csv:1: --label-column: no column 'clas', there are 'path', 'category', 'class'; did you mean 'class'?");
}

TEST_F(ColumnsOfTables, PathGoesBeforeImageAndFilesBeforeWords) {
  EXPECT_EQ(open("image,path,label", [](const std::string& i, int n) { return "000" + i + "," + path(i) + "," + label(n); }).classes, kClasses);
  EXPECT_EQ(open("filename,filepath,label", [](const std::string& i, int n) { return i + ".jpg," + path(i) + "," + label(n); }).classes, kClasses);
  EXPECT_EQ(error("file,filename,label", [](const std::string& i, int n) { return path(i) + "," + path(i) + "," + label(n); }),
            "data: t.csv:1: several columns could name the photos: 'file', 'filename'; say which: --path-column NAME");
}

TEST_F(ColumnsOfTables, ByTheUsersNames) {
  const auto row = [](const std::string& i, int n) { return i + "," + label(n) + "," + path(i) + "," + (n < 6 ? "train" : "dev"); };
  const SourceOptions options{.path_column = "where", .label_column = "what", .split_column = "when"};
  const Splits splits = open("id,what,where,when", row, options);
  EXPECT_EQ(splits.classes, kClasses);
  EXPECT_EQ(splits.val.size(), 2U);
  EXPECT_EQ(splits.notes, Rows{"columns: photos from 'where', classes from 'what', parts from 'when'; not used: 'id'"});
}

TEST_F(ColumnsOfTables, PartsBySetAndTheLike) {
  for (const char* name : {"set", "subset", "partition", "fold"}) {
    const Splits splits = open(std::string("path,label,") + name,
                               [](const std::string& i, int n) { return path(i) + "," + label(n) + (n < 4 ? ",train" : ",Testing"); });
    EXPECT_EQ(splits.test.size(), 4U) << name;
    EXPECT_EQ(splits.train.size() + splits.val.size(), 4U) << name;
  }
}

TEST_F(ColumnsOfTables, BooleansOfFastai) {
  const Splits splits =
      open("path,label,is_valid", [](const std::string& i, int n) { return path(i) + "," + label(n) + (n < 6 ? ",False" : ",True"); });
  EXPECT_EQ(splits.val.size(), 2U);
  EXPECT_EQ(splits.train.size(), 6U);
  EXPECT_EQ(open("path,label,is_test", [](const std::string& i, int n) { return path(i) + "," + label(n) + (n < 6 ? ",0" : ",1"); }).test.size(), 2U);
}

TEST_F(ColumnsOfTables, PartsThatAreNoneAreNotedOrRefused) {
  const auto row = [](const std::string& i, int n) { return path(i) + "," + label(n) + "," + i; };
  EXPECT_EQ(open("path,label,fold", row).notes, Rows{"columns: photos from 'path', classes from 'label'; not used: 'fold'"});
  EXPECT_EQ(error("path,label,fold", row, {.split_column = "fold"}), "data: t.csv:2: fold '0', expected train, val or test");
  EXPECT_EQ(error("path,label,set,is_valid", [](const std::string& i, int n) { return path(i) + "," + label(n) + ",train,False"; }),
            "data: t.csv:1: several columns could name the parts: 'set', 'is_valid'; say which: --split-column NAME");
}

TEST_F(ColumnsOfTables, LabelsFromNames) {
  for (const char* name : {"cat.0.jpg", "cat.1.jpg", "dog.0.jpg", "dog.1.jpg"}) put(folder_ / name);
  put(folder_ / "t.csv", "path\ncat.0.jpg\ncat.1.jpg\ndog.0.jpg\ndog.1.jpg\n");
  EXPECT_EQ(open_splits(folder_ / "t.csv", {.source = {.label_from_name = "^([a-z]+)"}}).classes, (Rows{"cat", "dog"}));
  EXPECT_EQ(test::error_in(folder_, [&] { open_splits(folder_ / "t.csv", {.source = {.label_from_name = "^(dog)"}}); }),
            "data: t.csv:2: --label-from-name finds no class in 'cat.0.jpg'; correct the expression");
}

TEST_F(ColumnsOfTables, CodePage1252IsRefused) {
  EXPECT_EQ(error("path,label", [](const std::string& i, int n) { return path(i) + (n % 2 == 0 ? ",Ameise" : ",Biene-\xC4hnlich"); }),
            "data: t.csv: is not UTF-8 (line 3, 'Biene-?hnlich'); save it as UTF-8");
  EXPECT_EQ(error("path,label", [](const std::string& i, int n) { return (n == 0 ? "p/\xE4.jpg" : path(i)) + "," + label(n); }),
            "data: t.csv:2: no such file 'p/\\xe4.jpg'; the table is not UTF-8: save it as UTF-8");
}

TEST_F(ColumnsOfTables, PathsOfWindows) {
  const Splits splits = open("sep=;\npath;label", [](const std::string& i, int n) { return "p\\" + i + ".jpg;" + label(n); });
  EXPECT_EQ(splits.train.size() + splits.val.size(), 8U);
  EXPECT_EQ(splits.notes.at(1), "paths with \\ between folders, as in Windows: 8, read as /");
  EXPECT_EQ(splits.train.at(0).path.parent_path(), folder_ / "p");
}

}  // namespace
}  // namespace graft::data

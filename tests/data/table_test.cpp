#include <gtest/gtest.h>

#include "data/made_files.h"

namespace graft::data {
namespace {

using test::put;
using Rows = std::vector<std::string>;

/// A folder with cat1.jpg, cat2.jpg, dog1.jpg, dog2.jpg and labels.csv beside them.
class Table : public ::testing::Test {
 protected:
  Table() {
    for (const char* name : {"cat1.jpg", "cat2.jpg", "dog1.jpg", "dog2.jpg"}) put(folder_ / name);
  }
  Rows all(std::string_view text, const std::string& name = "labels.csv") {
    put(folder_ / name, text);
    const std::vector<std::string> classes = {"cat", "dog"};
    dataset_ = open_labelled(folder_ / name, classes, {.part = part_, .source = options_});
    return test::rows_in(folder_.path(), dataset_.samples);
  }
  std::string error(std::string_view text) {
    return test::error_in(folder_, [&] { all(text); });
  }

  const TestFolder folder_;
  std::string part_ = "train";
  SourceOptions options_;
  Dataset dataset_;
  const Rows four_ = {"0:cat1.jpg", "0:cat2.jpg", "1:dog1.jpg", "1:dog2.jpg"};
};

TEST_F(Table, Plain) {
  EXPECT_EQ(all("dog2.jpg,dog\ncat1.jpg, cat \n./cat2.jpg,cat\ndog1.jpg,dog\n"), four_);
  EXPECT_EQ(all("\xEF\xBB\xBF"
                "dog2.jpg,dog\r\ncat1.jpg,cat\r\n\"cat2.jpg\",\"cat\"\r\ndog1.jpg,dog"),
            four_);
  EXPECT_EQ(all("dog2.jpg\tdog\ncat1.jpg\tcat\ncat2.jpg\tcat\ndog1.jpg\tdog\n", "labels.tsv"), four_);
  EXPECT_TRUE(dataset_.notes.empty());
}

TEST_F(Table, Headers) {
  EXPECT_EQ(all("path,label\ncat1.jpg,cat\n"), Rows{"0:cat1.jpg"});
  EXPECT_EQ(all("id,Class, Image ,x\n1,cat,cat1.jpg,\n2,dog,dog1.jpg,y\n"), (Rows{"0:cat1.jpg", "1:dog1.jpg"}));
  EXPECT_EQ(all("target;filename\ncat;cat1.jpg\n"), Rows{"0:cat1.jpg"});
}

TEST_F(Table, AFileCalledLikeAHeaderIsAFile) {
  put(folder_ / "image");
  const std::vector<std::string> classes = {"class", "dog"};
  put(folder_ / "labels.csv", "image,class\ndog1.jpg,dog\n");
  EXPECT_EQ(test::rows_in(folder_.path(), open_labelled(folder_ / "labels.csv", classes).samples), (Rows{"0:image", "1:dog1.jpg"}));
}

TEST_F(Table, SplitColumn) {
  put(folder_ / "cat3.jpg");
  const char* text = "path,label,split\ncat1.jpg,cat,train\ndog1.jpg,dog,Train\ncat2.jpg,cat,validation\ndog2.jpg,dog,val\ncat3.jpg,cat,test\n";
  put(folder_ / "labels.csv", text);
  const Splits splits = open_splits(folder_ / "labels.csv");
  EXPECT_EQ(test::rows_in(folder_.path(), splits.train), (Rows{"0:cat1.jpg", "1:dog1.jpg"}));
  EXPECT_EQ(test::rows_in(folder_.path(), splits.val), (Rows{"0:cat2.jpg", "1:dog2.jpg"}));
  EXPECT_EQ(test::rows_in(folder_.path(), splits.test), Rows{"0:cat3.jpg"});
  EXPECT_FALSE(splits.split_by_us);
  part_ = "";
  EXPECT_EQ(all(text), (Rows{"0:cat2.jpg", "1:dog2.jpg"}));
  part_ = "test";
  EXPECT_EQ(all(text), Rows{"0:cat3.jpg"});
  EXPECT_EQ(error("path,label,split\ncat1.jpg,cat,tset\n"), "data: labels.csv:2: split 'tset', expected train, val or test");
}

TEST_F(Table, AbsoluteAndOddPaths) {
  put(folder_ / "a \"b\", \xC3\xA9\xFF.jpg");
  EXPECT_EQ(all((folder_ / "cat1.jpg").string() + ",cat\n\"a \"\"b\"\", \xC3\xA9\xFF.jpg\",dog\n"),
            (Rows{"0:cat1.jpg", "1:a \"b\", \xC3\xA9\xFF.jpg"}));
}

TEST_F(Table, ColumnCounts) {
  EXPECT_EQ(error("cat1.jpg,cat,3\n"),
            "data: labels.csv:1: column count 3, expected 2 (path,label); for other columns begin with a header that names path and label, "
            "or say which they are: --path-column and --label-column");
  EXPECT_EQ(error("cat1.jpg\n"),
            "data: labels.csv:1: column count 1, expected 2 (path,label); for other columns begin with a header that names path and label, "
            "or say which they are: --path-column and --label-column");
  EXPECT_EQ(error("cat1.jpg,cat\ndog1.jpg\n"),
            "data: labels.csv:2: column count 1, expected 2; put quotes around a field that contains the separator");
  EXPECT_EQ(error("path,label,x\ncat1.jpg,cat\n"),
            "data: labels.csv:2: column count 2, expected 3; put quotes around a field that contains the separator");
}

TEST_F(Table, MissingFiles) {
  EXPECT_EQ(error("cat1.jpg,cat\nmouse.png,dog\n"), "data: labels.csv:2: no such file 'mouse.png'");
  EXPECT_EQ(error("cat1.jpg,cat\nat2.jpg,cat\nx.png,dog\n"),
            "data: labels.csv:2: no such file 'at2.jpg' (first of 2 missing); did you mean 'cat2.jpg'?");
  EXPECT_EQ(error("name,species\ncat1.jpg,cat\n"),
            "data: labels.csv:1: no such file 'name'; if this is a header, call its columns path and label, or "
            "say which they are: --path-column and --label-column");
  std::filesystem::create_directory(folder_ / "folder");
  EXPECT_EQ(error("folder,cat\n"), "data: labels.csv:1: 'folder' is a folder, expected an image file");
}

TEST_F(Table, Duplicates) {
  EXPECT_EQ(all("cat1.jpg,cat\ndog1.jpg,dog\n./cat1.jpg,cat\ncat1.jpg, cat\n"), (Rows{"0:cat1.jpg", "1:dog1.jpg"}));
  EXPECT_EQ(dataset_.notes, Rows{"duplicate rows dropped: 2, first in line 3"});
  EXPECT_EQ(error("cat1.jpg,cat\ndog1.jpg,dog\ncat1.jpg,dog\n"), "data: labels.csv:3: 'cat1.jpg' is 'dog', but 'cat' in line 1; keep one label");
  EXPECT_EQ(error("path,label,split\ncat1.jpg,cat,train\ncat1.jpg,cat,val\n"),
            "data: labels.csv:3: 'cat1.jpg' is in val, but in train in line 2; keep it in one part");
}

TEST_F(Table, EmptyThings) {
  EXPECT_EQ(error(""), "data: labels.csv: is empty, expected rows of path,label");
  EXPECT_EQ(error("path,label\n"), "data: labels.csv: has a header and no rows, expected rows of path,label");
  EXPECT_EQ(error("cat1.jpg, \n"), "data: labels.csv:1: empty label; fill it in or remove the row");
  EXPECT_EQ(error("cat1.jpg,cat\n,dog\n"), "data: labels.csv:2: empty path; fill it in or remove the row");
  EXPECT_EQ(error("cat1.jpg,cat\ndog1.jpg,dgo\n"), "data: labels.csv:2: class 'dgo' is not a class of the model ('cat', 'dog'); did you mean 'dog'?");
  part_ = "test";
  EXPECT_EQ(error("cat1.jpg,cat\n"), "data: labels.csv: holds no photos for test");
}

TEST_F(Table, FromTheFolderItself) {
  put(folder_ / "labels.csv", "cat1.jpg,cat\n");
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder_.path());
  const std::vector<std::string> classes = {"cat"};
  const std::vector<Sample> samples = open_labelled("labels.csv", classes).samples;
  std::filesystem::current_path(before);
  EXPECT_EQ(samples, (std::vector<Sample>{{"cat1.jpg", 0}}));
}

}  // namespace
}  // namespace graft::data

#include "graft/data/look_alikes.h"

#include <gtest/gtest.h>

#include "data/made_files.h"

namespace graft::data {
namespace {

using test::put;
using Rows = std::vector<std::string>;

const std::string kComposed = "\xC3\xA9t\xC3\xA9", kDecomposed = "e\xCC\x81te\xCC\x81", kNoBreakSpace = "\xC2\xA0";

TEST(LookAlikes, ComposedAndDecomposedAccentsAreOneClass) {
  const TestFolder folder;
  for (const char* name : {"1.jpg", "2.jpg", "3.jpg", "4.jpg"}) put(folder / name);
  put(folder / "t.csv", "path,label\n1.jpg," + kComposed + "\n2.jpg," + kDecomposed + "\n3.jpg,ant\n4.jpg,ant\n");
  EXPECT_EQ(open_splits(folder / "t.csv").classes, (Rows{"ant", kComposed}));
}

TEST(LookAlikes, FoldersOfMacAndLinuxAreOneClass) {
  const TestFolder folder;
  for (const char* name : {"train/ant/1.jpg", "train/ant/2.jpg"}) put(folder / name);
  put(folder / ("train/" + kComposed + "/3.jpg"));
  put(folder / ("val/" + kDecomposed + "/4.jpg"));
  EXPECT_EQ(test::rows_in(folder.path(), open_splits(folder.path()).val), Rows{"1:val/" + kDecomposed + "/4.jpg"});
  const Rows classes = {"ant", kDecomposed};  // of a model as it was made on a Mac
  EXPECT_EQ(open_labelled(folder.path(), classes).samples.size(), 1U);
  put(folder / ("train/" + kDecomposed + "/5.jpg"));
  const Splits splits = open_splits(folder.path());
  EXPECT_EQ(splits.classes, (Rows{"ant", kComposed}));
  EXPECT_EQ(splits.train.size(), 4U);
  EXPECT_EQ(splits.notes.at(0), "two class folders are one class, '" + kComposed +
                                    "', in different characters: U+0065 U+0301 U+0074 U+0065 U+0301 and U+00E9 U+0074 U+00E9");
}

TEST(LookAlikes, BlanksThatNobodySeesAreRefused) {
  for (const std::string& other : Rows{"bee" + kNoBreakSpace,
                                       "be\xE2\x80\x8B"
                                       "e"}) {
    const Rows classes = {"ant", "bee", other};
    EXPECT_TRUE(test::error_of([&] {
                  check_look_alikes("t.csv", classes);
                }).starts_with("data: t.csv: classes 'bee' and '" + other + "' look alike: U+0062 "));
  }
  const Rows classes = {"bee", "bee" + kNoBreakSpace};
  EXPECT_EQ(test::error_of([&] { check_look_alikes("t.csv", classes); }),
            "data: t.csv: classes 'bee' and 'bee" + kNoBreakSpace +
                "' look alike: U+0062 U+0065 U+0065 and U+0062 U+0065 U+0065 U+00A0; write them in the same characters, or name them apart");
}

TEST(LookAlikes, CaseAloneIsNoted) {
  EXPECT_EQ(check_look_alikes("t.csv", Rows{"Ants", "Bees", "ants", "bees", "wasp"}),
            Rows{"classes that differ in upper and lower case alone are taken for different ones: 'Ants' and 'ants', and 1 more"});
  EXPECT_TRUE(check_look_alikes("t.csv", Rows{"ant", "ants", "b ee", "bee"}).empty());
}

}  // namespace
}  // namespace graft::data

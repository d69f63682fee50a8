#include "graft/data/attributes.h"

#include <gtest/gtest.h>

#include "data/made_files.h"

namespace graft::data {
namespace {

using test::put;
using Words = std::vector<std::string>;

/// photos/{a,b}/: 1.jpg to 6.jpg each, and a table beside photos/.
class AttributesOf : public testing::Test {
 protected:
  AttributesOf() {
    for (const char* kind : {"a", "b"})
      for (int i = 1; i <= 6; ++i) {
        const auto path = data_ / kind / (std::to_string(i) + ".jpg");
        put(path);
        samples_.push_back({path, *kind - 'a'});
      }
  }
  /// A row for each photo, with what `of` says of photo i.
  template <class Of>
  static std::string table(const std::string& header, Of of) {
    std::string text = header + "\n";
    for (int i = 0; i < 12; ++i) text += std::string(i < 6 ? "a/" : "b/") + std::to_string(i % 6 + 1) + ".jpg," + of(i) + "\n";
    return text;
  }
  Attributes read(std::string_view text, Words names = {}) {
    put(folder_ / "g.csv", text);
    return read_attributes({.groups = folder_ / "g.csv", .attributes = std::move(names)}, data_, samples_);
  }
  std::string error(std::string_view text, const Words& names = {}) {
    return test::error_in(folder_, [&] { read(text, names); });
  }

  const TestFolder folder_;
  const std::filesystem::path data_ = folder_ / "photos";
  std::vector<Sample> samples_;
};

std::string number_of(int i) { return std::to_string(i); }

TEST_F(AttributesOf, ValuesAreGroupsAndManyNumbersRanges) {
  const Attributes found =
      read(table("path,sex,age,site", [](int i) { return std::string(i % 2 ? "m" : "f") + "," + number_of(10 * i) + "," + number_of(10 - i % 3); }));
  ASSERT_EQ(found.list.size(), 3U);
  EXPECT_EQ(found.list[0].values, (Words{"f", "m"}));
  EXPECT_EQ(found.list[0].of, (std::vector<int>{0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1}));
  EXPECT_EQ(found.list[1].values, (Words{"up to 20", "above 20 to 50", "above 50 to 80", "above 80"}));
  EXPECT_EQ(found.list[1].of, (std::vector<int>{0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3}));
  EXPECT_EQ(found.list[2].values, (Words{"8", "9", "10"})) << "few numbers are names, by size";
  EXPECT_EQ(found.notes[1], (folder_ / "g.csv").string() +
                                ": numbers, cut into ranges at their quartiles, of age: up to 20; above 20 to 50; above 50 to 80; above 80");
  EXPECT_EQ(crossed(found.list[0], found.list[2]).values, (Words{"f, 8", "f, 9", "f, 10", "m, 8", "m, 9", "m, 10"}));
}

TEST_F(AttributesOf, NumbersThatAreNearlyAllTheLargestMakeTwoRanges) {
  for (int i = 0; i < 50; ++i) {
    put(data_ / "a" / ("x" + std::to_string(i) + ".jpg"));
    samples_.push_back({data_ / "a" / ("x" + std::to_string(i) + ".jpg"), 0});
  }
  std::string text = table("path,n", number_of);
  for (int i = 0; i < 50; ++i) text += "a/x" + std::to_string(i) + ".jpg,99\n";
  EXPECT_EQ(read(text).list[0].values, (Words{"up to 11", "above 11"}));
}

TEST_F(AttributesOf, PhotosOfOtherPartsAreLeftOut) {
  put(data_ / "c" / "1.jpg");
  const Attributes found = read(table("path,sex", [](int i) { return i < 3 ? "f" : "m"; }) + "c/1.jpg,f\n");
  EXPECT_EQ(found.notes.back(), (folder_ / "g.csv").string() + ": 1 of its photos is not among these, and left out");
}

TEST_F(AttributesOf, OfTheirOwnTable) {
  put(data_ / "own.csv", table("path,label,sex", [](int i) { return std::string(i < 6 ? "a," : "b,") + (i % 2 ? "m" : "f"); }));
  const auto own = [&](AttributeOptions options) { return read_attributes(options, data_ / "own.csv", samples_); };
  EXPECT_EQ(own({.attributes = {"Sex"}}).list[0].values, (Words{"f", "m"}));
  EXPECT_EQ(own({.attributes = {"label,sex"}}).list.size(), 2U) << "names between commas, as the help says";
  EXPECT_EQ(test::error_in(folder_, [&] { own({.groups = data_ / "own.csv"}); }),
            "usage: --groups photos/own.csv: is the photos' own table, which also contains the classes; say which of its columns are attributes: "
            "--attributes NAME,NAME");
  EXPECT_EQ(test::error_in(folder_, [&] { own({.attributes = {"age"}}); }),
            "data: photos/own.csv:1: --attributes: no column 'age', there are 'path', 'label', 'sex'");
  EXPECT_EQ(test::error_in(folder_, [&] { read_attributes({.attributes = {"sex"}}, data_, samples_); }),
            "usage: --attributes: names columns of a table, but photos is a folder; give the table of the photos' attributes: --groups FILE");
}

TEST_F(AttributesOf, Refused) {
  const auto sexes = [](int i) { return std::string(i % 2 ? "m" : "f"); };
  EXPECT_EQ(error(table("path,sex", sexes) + "a/7.jpg,f\n"), "data: g.csv:14: 'a/7.jpg' is not one of the photos; did you mean 'a/1.jpg'?");
  EXPECT_EQ(error(table("path,sex", sexes) + "a/1.jpg,f\n"), "data: g.csv:14: 'a/1.jpg' appears twice, also in line 2; keep one of the rows");
  EXPECT_EQ(error("path,sex\na/1.jpg,f\na/2.jpg,m\n"),
            "data: g.csv: 10 of 12 photos have no row: '3.jpg', '4.jpg', '5.jpg' and 7 more; add them, if necessary to a group of their own such as "
            "unknown");
  EXPECT_EQ(error(table("path,sex", [](int i) { return i == 3 ? " " : "f"; })),
            "data: g.csv:5: 'a/4.jpg' has no sex; fill it in, if necessary with a group of its own such as unknown");
  EXPECT_EQ(error(table("path,sex", [](int) { return "f"; })),
            "data: g.csv: all 12 photos have the same sex, 'f'; expected at least two groups; leave the column out: --attributes NAME,NAME names "
            "the columns "
            "to use");
  EXPECT_EQ(error(table("path,sex", sexes), {"sexe"}), "data: g.csv:1: --attributes: no column 'sexe', there are 'path', 'sex'; did you mean 'sex'?");
  EXPECT_EQ(error("photos/a/1.jpg,f\n"),
            "data: g.csv:1: a photo, expected a header that names path and attributes; begin with a line such as path,sex,age");
  EXPECT_EQ(error("path\na/1.jpg\n"), "data: g.csv:1: column count 1, expected path and at least one attribute; for instance path,sex");
  EXPECT_EQ(error("path,sex,sex\na/1.jpg,f,f\n"), "data: g.csv:1: column 'sex' appears twice; keep one");
  EXPECT_EQ(error("path,sex,\na/1.jpg,f,f\n"), "data: g.csv:1: column 3 has no name; name it in the header");
  EXPECT_EQ(error("path,sex\na/1.jpg,f,f\n"), "data: g.csv:2: column count 3, expected 2; put quotes around a field that contains the separator");
  EXPECT_EQ(error(""), "data: g.csv: is empty, expected rows of path and attributes");
}

TEST_F(AttributesOf, ANameForEachPhotoIsNoGroup) {
  std::string text = table("path,id", [](int i) { return "n" + number_of(i); });
  for (int i = 0; i < 40; ++i) {
    const auto path = data_ / "a" / ("x" + std::to_string(i) + ".jpg");
    put(path);
    samples_.push_back({path, 0});
    text += "a/x" + std::to_string(i) + ".jpg,x" + std::to_string(i) + "\n";
  }
  EXPECT_EQ(error(text),
            "data: g.csv: id has 52 different values, expected at most 50 groups; merge some of them, or leave the column out: --attributes "
            "NAME,NAME names "
            "the columns to use");
}

}  // namespace
}  // namespace graft::data

#include "graft/data/groups.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <set>

#include "data/made_files.h"
#include "image/dicom_file.h"

namespace graft::data {
namespace {

using test::put;
using Rows = std::vector<std::string>;

/// Photos of `groups` patients, each of one class, 1 to 5 photos of each.
struct Made {
  std::vector<std::string> units;
  std::vector<std::vector<int>> classes;
};
Made made(int groups, int classes) {
  Made m;
  for (int g = 0; g < groups; ++g)
    for (int i = 0; i <= g % 5; ++i) {
      m.units.push_back("g" + std::to_string(g));
      m.classes.push_back({g % classes});
    }
  return m;
}

std::set<int> groups_in(const std::vector<Sample>& samples) {
  std::set<int> groups;
  for (const Sample& sample : samples) groups.insert(std::stoi(sample.group));
  return groups;
}

TEST(DealUnits, WholeInAboutTheirShares) {
  const Made m = made(60, 3);
  const std::vector<double> shares = {0.2, 0.8};
  std::set<std::vector<int>> seen;
  for (uint64_t seed = 0; seed < 6; ++seed) {
    const std::vector<int> parts = deal_units(m.units, m.classes, shares, seed);
    seen.insert(parts);
    std::map<std::string, int> part_of;
    std::map<int, double> val, all;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      EXPECT_EQ(part_of.emplace(m.units[i], parts[i]).first->second, parts[i]);
      all[m.classes[i][0]] += 1;
      val[m.classes[i][0]] += parts[i] == 0 ? 1 : 0;
    }
    for (const auto& [k, n] : all) EXPECT_NEAR(val[k] / n, 0.2, 0.07) << "class " << k << ", seed " << seed;
  }
  EXPECT_GT(seen.size(), 4U);
}

TEST(DealUnits, OrderDoesNotMatter) {
  const Made m = made(20, 2);
  Made turned{{m.units.rbegin(), m.units.rend()}, {m.classes.rbegin(), m.classes.rend()}};
  const std::vector<double> shares(4, 0.25);
  std::vector<int> parts = deal_units(m.units, m.classes, shares, 3), other = deal_units(turned.units, turned.classes, shares, 3);
  std::reverse(other.begin(), other.end());
  EXPECT_EQ(parts, other);
}

TEST(DealUnits, EveryClassStaysInTraining) {
  EXPECT_TRUE(rc::check("of two parts the last has every class, and units are whole", [] {
    const auto sets =
        *rc::gen::container<std::vector<std::vector<int>>>(*rc::gen::inRange(2, 30), rc::gen::container<std::vector<int>>(2, rc::gen::inRange(0, 4)));
    std::vector<std::string> units;
    for (std::size_t i = 0; i < sets.size(); ++i) units.push_back(std::to_string(*rc::gen::inRange(0, 12)));
    std::vector<std::vector<int>> classes;
    for (const auto& set : sets) {
      const std::set<int> unique(set.begin(), set.end());
      classes.emplace_back(unique.begin(), unique.end());
    }
    const std::vector<double> shares = {0.25, 0.75};
    const std::vector<int> parts = deal_units(units, classes, shares, *rc::gen::inRange<uint64_t>(0, 99));
    std::set<int> all, train;
    std::map<std::string, int> part_of;
    for (std::size_t i = 0; i < units.size(); ++i) {
      RC_ASSERT(part_of.emplace(units[i], parts[i]).first->second == parts[i]);
      all.insert(classes[i].begin(), classes[i].end());
      if (parts[i] == 1) train.insert(classes[i].begin(), classes[i].end());
    }
    RC_ASSERT(all == train);
  }));
}

class GroupsOfPhotos : public ::testing::Test {
 protected:
  /// Eight patients of two classes with four photos each.
  GroupsOfPhotos() {
    text_ = "path,label,patient_id\n";
    for (int p = 0; p < 8; ++p)
      for (int i = 0; i < 4; ++i) {
        const std::string name = "patient" + std::to_string(p) + "_" + std::to_string(i) + ".jpg", label = p % 2 == 0 ? "ill" : "well";
        put(folder_ / ("photos/" + label + "/" + name));
        text_ += "photos/" + label + "/" + name + "," + label + "," + std::to_string(p) + "\n";
      }
    put(folder_ / "t.csv", text_);
  }
  void expect_whole(const Splits& splits) {
    const std::set<int> train = groups_in(splits.train), val = groups_in(splits.val);
    EXPECT_EQ(train.size() + val.size(), 8U);
    for (const int group : val) EXPECT_FALSE(train.contains(group));
  }

  const TestFolder folder_;
  std::string text_;
};

TEST_F(GroupsOfPhotos, AColumnCalledPatientIsNoticed) {
  const Splits splits = open_splits(folder_ / "t.csv", {.val_fraction = 0.25});
  expect_whole(splits);
  EXPECT_EQ(splits.val.size(), 8U);
  EXPECT_EQ(splits.notes, (Rows{"columns: photos from 'path', classes from 'label', groups from 'patient_id'",
                                "groups by column 'patient_id', never divided: 8 of 32 photos; --group-column none divides them"}));
  const Splits divided = open_splits(folder_ / "t.csv", {.source = {.group_column = "none"}});
  EXPECT_TRUE(divided.train[0].group.empty());
  EXPECT_EQ(divided.notes, Rows{"columns: photos from 'path', classes from 'label'; not used: 'patient_id'"});
}

TEST_F(GroupsOfPhotos, WhereNothingIsDividedNoColumnIsAskedFor) {
  std::string text = "path,label,patient,video\n";
  for (int p = 0; p < 4; ++p)
    text +=
        "photos/" + std::string(p % 2 == 0 ? "ill" : "well") + "/patient" + std::to_string(p) + "_0.jpg," + (p % 2 == 0 ? "ill,1,2\n" : "well,3,4\n");
  put(folder_ / "v.csv", text);
  EXPECT_EQ(test::error_in(folder_, [&] { open_splits(folder_ / "v.csv"); }),
            "data: v.csv:1: several columns could name the groups: 'patient', 'video'; say which: --group-column NAME");
  EXPECT_EQ(open_labelled(folder_ / "v.csv", Rows{"ill", "well"}).samples.size(), 4U);
}

/// Clinics have the patient in the file: it is never divided, and never named.
TEST(GroupsOfDicom, ThePatientIsAGroup) {
  const TestFolder folder;
  for (int patient = 0; patient < 10; ++patient)
    for (int photo = 0; photo < 3; ++photo)
      put(folder / (std::string(patient % 2 == 0 ? "well" : "ill") + "/p" + std::to_string(patient) + "_" + std::to_string(photo) + ".dcm"),
          image::DicomFile{.pixels = std::string(8, '\x07'), .patient = "Doe " + std::to_string(patient)}.bytes());
  put(folder / "well/other.png", "x");
  const Splits splits = open_splits(folder / "", {});
  std::set<std::string> train, both;
  for (const Sample& sample : splits.train) train.insert(sample.group);
  for (const Sample& sample : splits.val)
    if (!sample.group.empty() && train.contains(sample.group)) both.insert(sample.group);
  EXPECT_EQ(both, std::set<std::string>{});
  for (const std::string& group : train) EXPECT_EQ(group.find("Doe"), std::string::npos) << group;
  EXPECT_EQ(splits.notes.back(), "groups by the patients that DICOM files name, never divided: 11 of 31 photos; --group-column none divides them");
  SplitOptions divided;
  divided.source.group_column = "none";
  EXPECT_FALSE(has_groups(open_splits(folder / "", divided).train));
}

TEST_F(GroupsOfPhotos, FromNamesAndInFolds) {
  const SourceOptions options{.group_from_name = "patient(\\d+)"};
  expect_whole(open_splits(folder_ / "photos", {.source = options}));
  std::set<int> validated;
  for (int fold = 1; fold <= 3; ++fold) {
    const Splits splits = open_splits(folder_ / "photos", {.folds = 3, .fold = fold, .source = options});
    expect_whole(splits);
    for (const int group : groups_in(splits.val)) EXPECT_TRUE(validated.insert(group).second);
  }
  EXPECT_EQ(validated.size(), 8U);
  EXPECT_EQ(test::error_in(folder_, [&] { open_splits(folder_ / "photos", {.source = {.group_from_name = "patient([0-6])_"}}); }),
            "data: photos: 4 of 32 photos have names in which --group-from-name finds no group: 'well/patient7_0.jpg', 'well/patient7_1.jpg', "
            "'well/patient7_2.jpg' and 1 more; correct the expression, so that it fits every photo");
}

TEST_F(GroupsOfPhotos, AFolderBelowTheClassMayBeTheGroup) {
  for (const char* name : {"ill/1/a.jpg", "ill/1/b.jpg", "ill/2/a.jpg", "well/3/a.jpg", "well/4/a.jpg"}) put(folder_ / (std::string("deep/") + name));
  expect_whole(open_splits(folder_ / "photos", {.source = {.group_from_name = "patient(\\d+)"}}));
  const Splits splits = open_splits(folder_ / "deep", {.val_fraction = 0.5, .source = {.group_from_name = "/(\\d+)/"}});
  EXPECT_EQ(groups_in(splits.train).size() + groups_in(splits.val).size(), 4U);
}

TEST_F(GroupsOfPhotos, AClassInOneGroup) {
  std::string text = "path,label,group\n";
  for (int p = 0; p < 4; ++p)
    text += "photos/" + std::string(p % 2 == 0 ? "ill" : "well") + "/patient" + std::to_string(p) + "_0.jpg," + (p % 2 == 0 ? "ill,a\n" : "well,b\n");
  put(folder_ / "g.csv", text);
  EXPECT_EQ(open_splits(folder_ / "g.csv").notes.at(1), "groups of column 'group' are divided: all photos of class 'ill' are in one of them");
  EXPECT_EQ(test::error_in(folder_, [&] { open_splits(folder_ / "g.csv", {.source = {.group_column = "group"}}); }),
            "data: g.csv: all photos of class 'ill' are in one group of column 'group', expected at least 2 groups to split; add photos of another "
            "group or give "
            "--val");
}

TEST_F(GroupsOfPhotos, InBothPartsOfAGivenSplit) {
  std::string text = "path,label,split,patient\n";
  for (int p = 0; p < 4; ++p)
    for (int i = 0; i < 2; ++i)
      text += "photos/" + std::string(p % 2 == 0 ? "ill" : "well") + "/patient" + std::to_string(p) + "_" + std::to_string(i) + ".jpg," +
              (p % 2 == 0 ? "ill," : "well,") + (i == 0 ? "train," : "val,") + std::to_string(p) + "\n";
  put(folder_ / "s.csv", text);
  EXPECT_EQ(open_splits(folder_ / "s.csv").notes.back(),
            "groups of column 'patient' with photos both in training and in validation: 4; the accuracy on others may be lower");
}

}  // namespace
}  // namespace graft::data

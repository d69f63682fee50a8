// Folders as people have them.
#include <gtest/gtest.h>

#include "data/made_files.h"
#include "graft/data/source.h"

namespace graft::data {
namespace {

using test::put;
using Rows = std::vector<std::string>;

class Layouts : public ::testing::Test {
 protected:
  void make(const Rows& names) {
    for (const std::string& name : names) put(folder_ / ("photos/" + name));
  }
  /// Two photos of each class in `train`, one in the others.
  void make_parts(const std::string& train, const std::string& other) {
    make({train + "/ant/1.jpg", train + "/ant/2.jpg", train + "/bee/3.jpg", train + "/bee/4.jpg", other + "/ant/5.jpg", other + "/bee/6.jpg"});
  }
  Splits open(const SourceOptions& options = {}) { return open_splits(folder_ / "photos", {.source = options}); }
  std::string error(const SourceOptions& options = {}) {
    return test::error_in(folder_, [&] { open(options); });
  }
  Rows rows(const std::vector<Sample>& samples) { return test::rows_in(folder_ / "photos", samples); }
  Dataset labelled(const Rows& classes, const LabelledOptions& options = {}) { return open_labelled(folder_ / "photos", classes, options); }

  const TestFolder folder_;
};

TEST(PartNames, AsPeopleWriteThem) {
  for (const char* name :
       {"train", "Training", "TRAIN", "training_set", "train-set", "train_data", "train_images", "trainset", "train2017", "images_train"})
    EXPECT_EQ(part_named(name), Part::train) << name;
  for (const char* name : {"val", "Valid", "validation", "dev", "valid_set", "val-images", "validationset", "val2017"})
    EXPECT_EQ(part_named(name), Part::val) << name;
  for (const char* name : {"test", "Testing", "test_set", "test1", "testset", "eval", "Evaluation"}) EXPECT_EQ(part_named(name), Part::test) << name;
  for (const char* name : {"", "trains", "trainer", "tester", "device", "values", "set", "data", "train_test", "steam train", "2017", "contest"})
    EXPECT_EQ(part_named(name), std::nullopt) << name;
}

TEST_F(Layouts, PartFoldersByOtherNames) {
  make_parts("Training", "Testing");
  const Splits splits = open();
  EXPECT_EQ(splits.classes, (Rows{"ant", "bee"}));
  EXPECT_EQ(rows(splits.test), (Rows{"0:Testing/ant/5.jpg", "1:Testing/bee/6.jpg"}));
  EXPECT_EQ(splits.notes, Rows{"parts by the names of their folders: train 'Training', test 'Testing'"});
}

TEST_F(Layouts, PartFoldersNestedOnce) {
  make_parts("training_set/training_set", "test_set/images");
  const Splits splits = open();
  EXPECT_EQ(splits.classes, (Rows{"ant", "bee"}));
  EXPECT_EQ(rows(splits.test), (Rows{"0:test_set/images/ant/5.jpg", "1:test_set/images/bee/6.jpg"}));
  EXPECT_EQ(splits.notes, Rows{"parts by the names of their folders: train 'training_set/training_set', test 'test_set/images'"});
}

TEST_F(Layouts, ATestPartOfOneClassIsNoWrapping) {
  make_parts("train", "test/inner/deep");
  make({"val/ant/day1/7.jpg", "val/ant/day2/8.jpg"});
  std::filesystem::remove_all(folder_ / "photos/test");
  EXPECT_EQ(rows(open().val), (Rows{"0:val/ant/day1/7.jpg", "0:val/ant/day2/8.jpg"}));
}

TEST_F(Layouts, DevIsForValidation) {
  make_parts("train", "dev");
  EXPECT_EQ(rows(open().val), (Rows{"0:dev/ant/5.jpg", "1:dev/bee/6.jpg"}));
}

TEST_F(Layouts, APartWithoutClassesIsLeftOut) {
  make({"train/ant/1.jpg", "train/ant/2.jpg", "train/bee/3.jpg", "train/bee/4.jpg", "test1/1.jpg", "test1/2.jpg"});
  const Splits splits = open();
  EXPECT_EQ(splits.classes, (Rows{"ant", "bee"}));
  EXPECT_TRUE(splits.test.empty());
  EXPECT_EQ(splits.notes.at(1), "photos outside the class folders ignored: 2, first 'test1/1.jpg'");
}

TEST_F(Layouts, AFolderBesideTrainThatIsNoPartIsLeftOut) {
  make({"train/ant/1.jpg", "train/ant/2.jpg", "train/bee/3.jpg", "train/bee/4.jpg", "sample_pictures/5.jpg"});
  const Splits splits = open();
  EXPECT_EQ(splits.classes, (Rows{"ant", "bee"}));
  EXPECT_EQ(splits.notes, Rows{"folder ignored next to the parts: 'sample_pictures'"});
}

TEST_F(Layouts, FlatPartsAreRefused) {
  make({"train/cat.0.jpg", "train/dog.1.jpg", "test/1.jpg"});
  EXPECT_EQ(
      error(),
      "data: photos: 'train' holds 2 photos and no class folders, expected train/CLASS/image.jpg, CLASS/image.jpg or a CSV of path,label; where "
      "the files' names begin with their class, as cat.0.jpg: --label-from-name '^([A-Za-z_]+)'");
}

TEST_F(Layouts, LabelsFromNames) {
  make({"train/cat.0.jpg", "train/cat.1.jpg", "train/dog.0.jpg", "train/dog.1.jpg", "train/more/dog.2.jpg", "test/1.jpg", "test/2.jpg"});
  const SourceOptions options{.label_from_name = "^([a-z]+)\\."};
  const Splits splits = open(options);
  EXPECT_EQ(splits.classes, (Rows{"cat", "dog"}));
  EXPECT_EQ(splits.train.size() + splits.val.size(), 5U);
  EXPECT_EQ(splits.notes, Rows{"without a class that --label-from-name finds, left out: all 2 photos for test"});
  make({"train/x1.jpg"});
  EXPECT_EQ(error(options),
            "data: photos: 1 of 6 photos have names in which --label-from-name finds no class: 'train/x1.jpg'; correct the expression, or move these "
            "photos elsewhere");
}

TEST_F(Layouts, LabelsFromNamesOfAFlatFolder) {
  make({"Abyssinian_1.jpg", "Abyssinian_12.jpg", "great_pyrenees_3.jpg", "great_pyrenees_14.jpg"});
  const SourceOptions options{.label_from_name = "^(.+)_\\d+\\.jpg$"};
  EXPECT_EQ(open(options).classes, (Rows{"Abyssinian", "great_pyrenees"}));
  EXPECT_EQ(rows(labelled({"Abyssinian", "great_pyrenees"}, {.source = options}).samples).size(), 4U);
  EXPECT_TRUE(test::error_of([&] { open({.label_from_name = "(a"}); }).starts_with("usage: --label-from-name (a: not a valid regular expression: "));
  EXPECT_EQ(test::error_of([&] { open({.label_from_name = "a+"}); }),
            "usage: --label-from-name a+: has no group, expected one around what is wanted of the name; for instance '^([a-z]+)'");
  EXPECT_EQ(error({.label_column = "x"}), "usage: --label-column: is for a CSV or TSV; photos is a folder; omit it");
}

TEST_F(Layouts, OneFolderAroundEverything) {
  make({"PetImages/Cat/1.jpg", "PetImages/Dog/1.jpg"});
  EXPECT_EQ(error(),
            "data: photos: only one class, 'PetImages', expected two or more; did you mean photos/PetImages? it holds the folders 'Cat', 'Dog'");
  EXPECT_EQ(test::error_in(folder_,
                           [&] {
                             labelled({"Cat", "Dog"});
                           }),
            "data: photos: class 'PetImages' is not a class of the model ('Cat', 'Dog'); did you mean photos/PetImages? it holds the folders 'Cat', "
            "'Dog'");
}

TEST_F(Layouts, EvalWithoutValTakesTest) {
  make_parts("train", "test");
  const Dataset tested = labelled({"ant", "bee"});
  EXPECT_EQ(tested.part, "test");
  EXPECT_EQ(rows(tested.samples), (Rows{"0:test/ant/5.jpg", "1:test/bee/6.jpg"}));
  std::filesystem::remove_all(folder_ / "photos/test");
  EXPECT_EQ(labelled({"ant", "bee"}).part, "train");
}

TEST_F(Layouts, WhatIsNotPartedIsMeasuredWhole) {
  make({"ant/1.jpg", "bee/2.jpg"});
  EXPECT_EQ(labelled({"ant", "bee"}).part, "all");
}

TEST_F(Layouts, ThumbnailsOfStorageSystemsAreNoPhotos) {
  make({"ant/1.jpg", "ant/2.jpg", "ant/@eaDir/1.jpg/SYNOPHOTO_THUMB_M.jpg", "bee/3.jpg", "bee/4.jpg", "#recycle/5.jpg", "lost+found/6.jpg"});
  const Splits splits = open();
  EXPECT_EQ(splits.classes, (Rows{"ant", "bee"}));
  EXPECT_EQ(splits.train.size() + splits.val.size(), 4U);
  EXPECT_EQ(splits.notes, Rows{"system and hidden folders skipped: 1 '#recycle', 1 '@eaDir', 1 'lost+found'"});
}

}  // namespace
}  // namespace graft::data

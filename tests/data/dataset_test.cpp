#include "graft/data/dataset.h"

#include <gtest/gtest.h>

#include "data/made_files.h"

namespace graft::data {
namespace {

namespace fs = std::filesystem;
using test::put;
using test::rows_in;
using Rows = std::vector<std::string>;

class Folders : public ::testing::Test {
 protected:
  void make(const Rows& names) {
    for (const std::string& name : names) put(folder_ / name);
  }
  Splits open(const SplitOptions& options = {}) { return open_splits(folder_ / "photos", options); }
  std::string error(const SplitOptions& options = {}) {
    return test::error_in(folder_, [&] { open(options); });
  }
  Rows rows(const std::vector<Sample>& samples) { return rows_in(folder_ / "photos", samples); }

  const TestFolder folder_;
};

TEST_F(Folders, ClassFolders) {
  make({"photos/dog/2.jpg", "photos/dog/1.png", "photos/Cat/in/ner/9.jpg", "photos/Cat/a.jpg", "photos/Cat/notes.txt", "photos/.cache/x.jpg",
        "photos/top.jpg"});
  const Splits splits = open();
  EXPECT_EQ(splits.classes, (Rows{"Cat", "dog"}));
  EXPECT_TRUE(splits.split_by_us);
  EXPECT_EQ(splits.train.size(), 2U);
  EXPECT_EQ(splits.val.size(), 2U);
  EXPECT_TRUE(splits.test.empty());
  EXPECT_EQ(splits.notes, (Rows{"photos outside the class folders ignored: 1, first 'top.jpg'", "files ignored, not images by name: 1 .txt",
                                "system and hidden folders skipped: 1 '.cache'"}));
  EXPECT_EQ(rows(open_labelled(folder_ / "photos", splits.classes).samples),
            (Rows{"0:Cat/a.jpg", "0:Cat/in/ner/9.jpg", "1:dog/1.png", "1:dog/2.jpg"}));
}

TEST_F(Folders, OddNames) {
  make({"photos/a b's \"c\"/1.jpg", "photos/a b's \"c\"/2.jpg", "photos/\xC3\xA9t\xC3\xA9/1.jpg", "photos/\xC3\xA9t\xC3\xA9/2.jpg",
        "photos/\xFF\n/1 .jpg", "photos/\xFF\n/\xFE.jpg"});
  const Splits splits = open();
  EXPECT_EQ(splits.classes, (Rows{"\\xff\\x0a", "a b's \"c\"", "\xC3\xA9t\xC3\xA9"}));
  EXPECT_EQ(rows(open_labelled(folder_ / "photos", splits.classes).samples)[1], "0:\xFF\n/\xFE.jpg");
  make({"photos/\\xff\\x0a/1.jpg"});
  EXPECT_EQ(error(), "data: photos: two class folders are both written '\\xff\\x0a'; rename one of them");
}

TEST_F(Folders, GivenParts) {
  for (const char* val : {"val", "valid", "Validation"}) {
    const TestFolder folder;
    const std::string name = val;
    for (const char* file : {"train/ant/1.jpg", "train/bee/1.jpg", "test/ant/4.jpg", "extra/x.jpg", "top.jpg", "read.me"}) put(folder / file);
    put(folder / (name + "/bee/2.jpg"));
    const Splits splits = open_splits(folder.path());
    EXPECT_EQ(rows_in(folder.path(), splits.train), (Rows{"0:train/ant/1.jpg", "1:train/bee/1.jpg"}));
    EXPECT_EQ(rows_in(folder.path(), splits.val), Rows{"1:" + name + "/bee/2.jpg"});
    EXPECT_EQ(rows_in(folder.path(), splits.test), Rows{"0:test/ant/4.jpg"});
    EXPECT_FALSE(splits.split_by_us);
    Rows notes{"photos outside the class folders ignored: 1, first 'top.jpg'", "folder ignored next to the parts: 'extra'",
               "files ignored, not images by name: 1 .me", "classes without a photo in val: 'ant'"};
    if (name != "val") notes.insert(notes.begin(), "parts by the names of their folders: train 'train', val '" + name + "', test 'test'");
    EXPECT_EQ(splits.notes, notes);
  }
}

TEST_F(Folders, TrainAloneIsCutLikeItself) {
  for (int i = 0; i < 20; ++i) make({"photos/train/ant/" + std::to_string(i) + ".jpg", "photos/train/bee/" + std::to_string(i) + ".jpg"});
  const Splits outer = open(), inner = open_splits(folder_ / "photos/train");
  EXPECT_TRUE(outer.split_by_us);
  EXPECT_EQ(outer.classes, (Rows{"ant", "bee"}));
  EXPECT_EQ(outer.val, inner.val);
  EXPECT_EQ(outer.val.size(), 8U);
}

TEST_F(Folders, AClassMayBeCalledTrain) {
  make({"photos/train/1.jpg", "photos/train/2.jpg", "photos/plane/1.jpg", "photos/plane/2.jpg"});
  EXPECT_EQ(open().classes, (Rows{"plane", "train"}));
  make({"photos/train/night/3.jpg"});
  EXPECT_EQ(open().classes, (Rows{"plane", "train"}));
  make({"photos/train/day/4.jpg", "photos/bus/1.jpg"});
  EXPECT_EQ(error(),
            "data: photos: cannot tell whether 'train' is a class like 'bus', 'plane', or the part to train on; give photos/train to train on the "
            "folders in it, or rename it");
}

TEST_F(Folders, ACopySplitsTheSame) {
  for (int i = 0; i < 30; ++i) make({"photos/ant/" + std::to_string(i) + ".jpg", "photos/bee/" + std::to_string(i) + ".jpg"});
  fs::create_directory(folder_ / "else");
  fs::copy(folder_ / "photos", folder_ / "else/where", fs::copy_options::recursive | fs::copy_options::create_hard_links);
  const Splits here = open(), there = open_splits(folder_ / "else/where");
  EXPECT_EQ(rows(here.val), rows_in(folder_ / "else/where", there.val));
  EXPECT_EQ(rows(here.train), rows_in(folder_ / "else/where", there.train));
}

TEST_F(Folders, ValFromElsewhere) {
  make({"photos/ant/1.jpg", "photos/bee/1.jpg", "other/bee/7.jpg", "wrong/be/7.jpg", "none/ant/x.txt"});
  const Splits splits = open({.val = folder_ / "other"});
  EXPECT_EQ(rows(splits.train), (Rows{"0:ant/1.jpg", "1:bee/1.jpg"}));
  EXPECT_EQ(rows_in(folder_.path(), splits.val), Rows{"1:other/bee/7.jpg"});
  EXPECT_EQ(error({.val = folder_ / "wrong"}), "data: wrong: class 'be' is not a class of train ('ant', 'bee'); did you mean 'bee'?");
  EXPECT_EQ(error({.val = folder_ / "none"}), "data: none: holds no photos");
}

TEST_F(Folders, NoSuchFolder) {
  EXPECT_EQ(error(), "data: photos: no such file or folder");
  make({"photo/x.jpg"});
  EXPECT_EQ(error(), "data: photos: no such file or folder; did you mean 'photo'?");
}

TEST_F(Folders, NothingToTrainOn) {
  const std::string hint =
      "; sort the photos into folders named by class, give a CSV of path,label, or say where their names have the class: --label-from-name REGEX";
  fs::create_directory(folder_ / "photos");
  EXPECT_EQ(error(), "data: photos: is empty, expected a folder of photos for each class" + hint);
  make({"photos/x.txt"});
  EXPECT_EQ(error(), "data: photos: holds no class folders, only files: 1 .txt, expected a folder of photos for each class" + hint);
  make({"photos/1.jpg", "photos/2.jpg"});
  EXPECT_EQ(error(), "data: photos: holds 2 photos and no class folders, expected a folder of photos for each class" + hint);
  EXPECT_EQ(test::error_in(folder_, [&] { open_splits(folder_ / "photos/1.jpg"); }),
            "data: photos/1.jpg: neither a folder nor a CSV or TSV file; give a folder that holds a folder of photos for each class");
}

TEST_F(Folders, ClassesThatDoNotDo) {
  make({"photos/cat/1.jpg", "photos/cat/2.jpg"});
  EXPECT_EQ(error(), "data: photos: only one class, 'cat', expected two or more; add photos of another class");
  make({"photos/dog/1.jpg"});
  EXPECT_EQ(error(), "data: photos: class 'dog' has 1 photo, expected at least 2 to split; add photos or give --val");
  make({"photos/emu/1.jpg"});
  EXPECT_EQ(error(), "data: photos: classes 'dog', 'emu' have 1 photo each, expected at least 2 to split; add photos or give --val");
  make({"photos/cow/1.psd"});
  EXPECT_EQ(error(),
            "data: photos: class 'cow' (1 .psd ignored) has no photos, expected JPEG, PNG, WebP, BMP, TIFF, GIF, HEIC, AVIF, JPEG 2000 or DICOM "
            "files; add photos or remove the folder");
}

TEST_F(Folders, PartsThatDisagree) {
  make({"photos/train/cat/1.jpg", "photos/train/dog/1.jpg", "photos/val/cats/2.jpg"});
  EXPECT_EQ(error(), "data: photos: class 'cats' is not a class of train ('cat', 'dog'); did you mean 'cat'?");
  make({"photos/valid/cat/1.jpg"});
  EXPECT_EQ(error(), "data: photos: holds both 'val' and 'valid'; keep one of them");
}

TEST_F(Folders, Labelled) {
  make({"photos/train/ant/1.jpg", "photos/train/bee/1.jpg", "photos/val/bee/2.jpg", "photos/test/ant/3.jpg", "photos/test/ant/x.md"});
  const Rows classes = {"zebra", "bee", "ant"};  // a model's own order is kept
  EXPECT_EQ(rows(open_labelled(folder_ / "photos", classes).samples), Rows{"1:val/bee/2.jpg"});
  EXPECT_EQ(rows(open_labelled(folder_ / "photos", classes, {.part = "train"}).samples), (Rows{"1:train/bee/1.jpg", "2:train/ant/1.jpg"}));
  const Dataset tested = open_labelled(folder_ / "photos", classes, {.part = "test"});
  EXPECT_EQ(rows(tested.samples), Rows{"2:test/ant/3.jpg"});
  EXPECT_EQ(tested.classes, classes);
  EXPECT_EQ(tested.part, "test");
  EXPECT_EQ(tested.notes, Rows{"files ignored, not images by name: 1 .md"});
  EXPECT_EQ(test::error_of([&] { open_labelled(folder_ / "photos", classes, {.part = "tests"}); }),
            "usage: part: 'tests', expected train, val or test");
}

TEST_F(Folders, ValFraction) {
  for (int i = 0; i < 40; ++i) make({"photos/ant/" + std::to_string(i) + ".jpg", "photos/bee/" + std::to_string(i) + ".jpg"});
  EXPECT_EQ(open().val.size(), 16U);
  EXPECT_EQ(open({.val_fraction = 0.25}).val.size(), 20U);
  EXPECT_NE(open({.seed = 1}).val, open({.seed = 2}).val);
  for (const double fraction : {0.0, 1.0}) EXPECT_TRUE(error({.val_fraction = fraction}).starts_with("usage: val_fraction: ")) << fraction;
  EXPECT_EQ(error({.val_fraction = 1.5}), "usage: val_fraction: 1.5 is out of range, expected more than 0 and less than 1");
}

}  // namespace
}  // namespace graft::data

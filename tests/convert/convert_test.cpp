// From files to what open_splits() reads.
#include "graft/convert/convert.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "bmp.h"
#include "convert/made_data.h"
#include "error_text.h"
#include "folder.h"
#include "graft/data/dataset.h"
#include "graft/image/decode.h"

namespace graft::convert {
namespace {

namespace fs = std::filesystem;
using test::gzip;

class Convert : public testing::Test {
 protected:
  Convert() {
    write_file(folder_ / "cifar" / "data_batch_1.bin", test::cifar(std::string("\0\1\0\1", 4), 1, 10));
    write_file(folder_ / "cifar" / "data_batch_2.bin", test::cifar(std::string("\1\0", 2), 1, 20));
    write_file(folder_ / "cifar" / "test_batch.bin", test::cifar(std::string("\0\1", 2), 1, 30));
    write_file(folder_ / "cifar" / "batches.meta.txt", std::string_view("cat\ndog\nc\nd\ne\nf\ng\nh\ni\nj\n"));
    config_.source = folder_ / "cifar";
    config_.out = folder_ / "out";
    config_.threads = 3;
  }

  Conversion convert() {
    return convert::convert(config_, [this](std::size_t total) -> std::function<void(std::size_t)> {
      total_ = total;
      return [this](std::size_t n) { advanced_ += n; };
    });
  }
  std::string error() {
    return test::error_of([&] { convert(); });
  }
  /// Every file below the folder, relative to it, sorted.
  std::vector<std::string> files(const fs::path& folder) {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
      if (entry.is_regular_file()) names.push_back(entry.path().lexically_relative(folder).string());
    std::ranges::sort(names);
    return names;
  }

  TestFolder folder_;
  ConvertConfig config_;
  std::size_t total_ = 0, advanced_ = 0;
};

TEST_F(Convert, NumbersGoOnOverTheBatches) {
  const Conversion done = convert();
  EXPECT_EQ(done.format, "CIFAR-10");
  EXPECT_EQ(done.pictures, 8U);
  EXPECT_EQ(done.classes, 2U);
  EXPECT_EQ(done.parts, (std::array<std::size_t, 3>{6, 0, 2}));
  EXPECT_EQ(total_, 8U);
  EXPECT_EQ(advanced_, 8U);
  EXPECT_EQ(files(config_.out),
            (std::vector<std::string>{"test/cat/00000.png", "test/dog/00001.png", "train/cat/00000.png", "train/cat/00002.png", "train/cat/00005.png",
                                      "train/dog/00001.png", "train/dog/00003.png", "train/dog/00004.png"}));
}

TEST_F(Convert, PlanesOfColourBecomePixels) {
  convert();
  const std::string planes = test::made_bytes(3072, 21);  // the second record of the second batch
  const auto file = read_file(config_.out / "train" / "cat" / "00005.png");
  const image::Image image = image::decode(file, "x");
  ASSERT_EQ(image.width, 32);
  ASSERT_EQ(image.height, 32);
  for (std::size_t i = 0; i < 1024; ++i)
    for (std::size_t c = 0; c < 3; ++c) ASSERT_EQ(image.pixels[3 * i + c], static_cast<uint8_t>(planes[c * 1024 + i]));
}

TEST_F(Convert, SomeClassesAndSomeOfEach) {
  config_.only = "dog";
  config_.per_class = 2;
  const Conversion done = convert();
  EXPECT_EQ(done.classes, 1U);
  EXPECT_EQ(done.parts, (std::array<std::size_t, 3>{2, 0, 1}));
  EXPECT_EQ(files(config_.out), (std::vector<std::string>{"test/dog/00001.png", "train/dog/00001.png", "train/dog/00003.png"}));
}

TEST_F(Convert, GreyStaysGreyAndFitFindsTheParts) {
  std::string pixels = test::made_bytes(8 * 6 * 5, 3), labels("\2\3\2\3\2\3\2\3");
  write_file(folder_ / "mnist" / "train-images-idx3-ubyte.gz", gzip(test::idx_images(8, 6, 5, pixels)));
  write_file(folder_ / "mnist" / "train-labels-idx1-ubyte.gz", gzip(test::idx_labels(8, labels)));
  write_file(folder_ / "mnist" / "t10k-images-idx3-ubyte", test::idx_images(2, 6, 5, pixels.substr(0, 60)));
  write_file(folder_ / "mnist" / "t10k-labels-idx1-ubyte", test::idx_labels(2, "\2\3"));
  config_.source = folder_ / "mnist";
  config_.classes = "zero, one,two,three";
  convert();
  const data::Splits splits = data::open_splits(config_.out);
  EXPECT_EQ(splits.classes, (std::vector<std::string>{"three", "two"}));
  EXPECT_EQ(splits.train.size() + splits.val.size(), 8U);
  EXPECT_EQ(splits.test.size(), 2U);
  EXPECT_TRUE(splits.split_by_us);
  const auto file = read_file(config_.out / "train" / "three" / "00003.png");
  EXPECT_EQ(std::to_integer<int>(file[25]), 0) << "the color type of its header: gray";
  const image::Image image = image::decode(file, "x");
  for (std::size_t i = 0; i < 30; ++i) ASSERT_EQ(image.pixels[3 * i + 1], static_cast<uint8_t>(pixels[90 + i]));
}

TEST_F(Convert, AFileWithoutPartsGivesClassFolders) {
  write_file(folder_ / "x-images-idx3-ubyte", test::idx_images(2, 2, 2, "abcdefgh"));
  write_file(folder_ / "y", test::idx_labels(2, std::string("\0\1", 2)));
  config_.source = folder_ / "x-images-idx3-ubyte";
  config_.labels = (folder_ / "y").string();
  EXPECT_EQ(convert().parts, (std::array<std::size_t, 3>{}));
  EXPECT_EQ(files(config_.out), (std::vector<std::string>{"0/00000.png", "1/00001.png"}));
}

TEST_F(Convert, MedMnist) {
  write_file(folder_ / "m.npz", test::zip({{"train_images.npy", test::npy("|u1", "(2, 2, 2)", "abcdefgh")},
                                           {"train_labels.npy", test::npy("|u1", "(2, 1)", std::string("\0\1", 2))},
                                           {"val_images.npy", test::npy("|u1", "(1, 2, 2, 3)", "abcdefghijkl")},
                                           {"val_labels.npy", test::npy("|u1", "(1, 1)", "\1")}},
                                          true));
  config_.source = folder_ / "m.npz";
  EXPECT_EQ(convert().parts, (std::array<std::size_t, 3>{2, 1, 0}));
  EXPECT_EQ(files(config_.out), (std::vector<std::string>{"train/0/00000.png", "train/1/00001.png", "val/1/00000.png"}));
  const image::Image image = image::decode(read_file(config_.out / "val" / "1" / "00000.png"), "x");
  EXPECT_EQ(std::string(image.pixels.begin(), image.pixels.end()), "abcdefghijkl");
}

TEST_F(Convert, TheThreadsChangeNothing) {
  convert();
  config_.out = folder_ / "one";
  config_.threads = 1;
  convert();
  for (const std::string& name : files(config_.out)) EXPECT_EQ(read_file(folder_ / "out" / name), read_file(folder_ / "one" / name)) << name;
}

TEST_F(Convert, FormatsAreToldByContent) {
  EXPECT_EQ(recognise(folder_ / "cifar"), Format::cifar);
  write_file(folder_ / "a", test::tar({{"train.bin", ""}}));
  EXPECT_EQ(recognise(folder_ / "a"), Format::cifar);
  write_file(folder_ / "a", gzip(test::tar({{"train.bin", ""}})));
  EXPECT_EQ(recognise(folder_ / "a"), Format::cifar);
  write_file(folder_ / "a", gzip(test::idx_images(1, 1, 1, "a")));
  EXPECT_EQ(recognise(folder_ / "a"), Format::idx);
  write_file(folder_ / "a", test::zip({}, false) + "");
  EXPECT_EQ(
      test::error_of([&] { recognise(folder_ / "a"); }),
      "data: " + (folder_ / "a").string() + ": neither CIFAR, IDX, .npz nor COCO's JSON by its content; see `graft import --help` for what they are");
  write_file(folder_ / "a", test::zip({{"b", "c"}}, false));
  EXPECT_EQ(recognise(folder_ / "a"), Format::npz);
  write_file(folder_ / "a", std::string_view(" \n{\"images\": []}"));
  EXPECT_EQ(recognise(folder_ / "a"), Format::coco);
  fs::create_directories(folder_ / "photos" / "cat");
  const std::string name = (folder_ / "photos").string();
  EXPECT_EQ(test::error_of([&] { recognise(name); }),
            "data: " + name +
                ": holds neither CIFAR's data_batch_1.bin or train.bin nor IDX's train-images-idx3-ubyte; a folder of class folders can "
                "be used without import: graft fit " +
                name);
}

TEST_F(Convert, NamesThatCannotBeFolders) {
  for (const char* names : {"a,b,c,d,e,f,g,h,i,../j", "a,b,c,d,e,f,g,h,i,.j"}) {
    config_.classes = names;
    EXPECT_EQ(error(), "usage: --classes: '" + config_.classes.substr(18) + "' cannot be the name of a class and its folder");
  }
  config_.classes = "a,b";
  EXPECT_EQ(error(), "usage: --classes: names 2 classes, CIFAR-10 has 10");
  config_.classes = "a,a";
  EXPECT_EQ(error(), "usage: --classes: names 'a' twice");
  config_.classes = "a,,b";
  EXPECT_EQ(error(), "usage: --classes: an empty name in 'a,,b'");
  config_.classes.clear();
  write_file(folder_ / "cifar" / "batches.meta.txt", std::string_view("cat\ndog/../../x\nc\nd\ne\nf\ng\nh\ni\nj\n"));
  EXPECT_EQ(error(), "data: CIFAR-10: 'dog/../../x' cannot be the name of a class and its folder; give others with --classes");
  write_file(folder_ / "cifar" / "batches.meta.txt", std::string_view("cat\ncat\nc\nd\ne\nf\ng\nh\ni\nj\n"));
  EXPECT_EQ(error(), "data: CIFAR-10: names the class 'cat' twice; give others with --classes");
  EXPECT_FALSE(fs::exists(config_.out));
}

TEST_F(Convert, LabelsWithoutAName) {
  write_file(folder_ / "t-images-idx3-ubyte", test::idx_images(2, 1, 1, "ab"));
  write_file(folder_ / "t-labels-idx1-ubyte", test::idx_labels(2, "\1\2"));
  config_.source = folder_ / "t-images-idx3-ubyte";
  config_.classes = "a,b";
  EXPECT_EQ(error(), "data: " + (folder_ / "t-labels-idx1-ubyte").string() + ": label 2 at index 1, expected 0 to 1");
}

TEST_F(Convert, OptionsThatDoNotBelong) {
  config_.only = "dgo";
  EXPECT_EQ(error(), "usage: --only: no class 'dgo'; did you mean 'dog'?");
  config_.only = "bear";
  EXPECT_EQ(error(), "usage: --only: no class 'bear'; there are 'cat', 'dog', 'c', 'd', 'e' and 5 more");
  config_.only = "j";
  EXPECT_EQ(error(), "data: " + (folder_ / "cifar").string() + ": no picture of --only j in it");
  config_.only.clear();
  config_.labels = "some";
  EXPECT_EQ(error(), "usage: --labels some: expected fine or coarse for CIFAR");
  config_.labels.clear();
  config_.skip_ambiguous = true;
  EXPECT_EQ(error(), "usage: --skip-ambiguous: belongs to coco, the source is cifar; omit it");
  config_.skip_ambiguous = false;
  config_.format = Format::npz;
  EXPECT_EQ(error(), "data: " + (folder_ / "cifar").string() + ": is a folder, expected a file of npz");
  config_.format = Format::automatic;
  fs::create_directory(config_.out);
  EXPECT_EQ(error(), "data: " + config_.out.string() + ": already exists; choose another --out or remove it");
}

TEST_F(Convert, NothingIsLeftOfWhatFails) {
  const auto before = files(folder_.path());
  EXPECT_EQ(test::error_of([&] {
              convert::convert(config_,
                               [](std::size_t) -> std::function<void(std::size_t)> { return [](std::size_t) { throw data_error("disk", "full"); }; });
            }),
            "data: disk: full");
  EXPECT_EQ(files(folder_.path()), before);
}

TEST_F(Convert, CocoNamesThePhotosWhereTheyLie) {
  write_file(folder_ / "photos" / "a.bmp", made_photo(0, 0));
  write_file(folder_ / "photos" / "in, side" / "b.bmp", made_photo(1, 0));
  write_file(folder_ / "photos" / "c.bmp", made_photo(1, 1));
  write_file(folder_ / "notes" / "x.json", std::string_view(R"({"images": [{"id": 1, "file_name": "a.bmp"}, {"id": 2, "file_name": "in, side/b.bmp"},
      {"id": 3, "file_name": "c.bmp"}], "categories": [{"id": 1, "name": "up"}, {"id": 2, "name": "down"}],
      "annotations": [{"image_id": 1, "category_id": 1}, {"image_id": 2, "category_id": 2}, {"image_id": 3, "category_id": 2}]})"));
  config_.source = folder_ / "notes" / "x.json";
  config_.out = folder_ / "tables" / "x.csv";
  EXPECT_EQ(error(), "data: " + config_.source.string() + ": 3 of 3 photos are not in " + (folder_ / "notes").string() +
                         ", first 'a.bmp'; name their folder with --images DIR");
  config_.images = folder_ / "photos";
  EXPECT_EQ(convert().pictures, 3U);
  EXPECT_EQ(as_text(read_file(config_.out)), "path,label\n../photos/a.bmp,up\n\"../photos/in, side/b.bmp\",down\n../photos/c.bmp,down\n");
  EXPECT_EQ(data::open_labelled(config_.out, std::vector<std::string>{"down", "up"}).samples.size(), 3U);
  EXPECT_EQ(error(), "data: " + config_.out.string() + ": already exists; choose another --out or remove it");
  config_.out = folder_ / "y.csv";
  config_.per_class = 1;
  EXPECT_EQ(convert().pictures, 2U);
  config_.out = folder_ / "z";
  EXPECT_EQ(error(), "usage: --out " + config_.out.string() + ": expected a .csv: of COCO's photos only paths and labels are written");
}

TEST_F(Convert, ACocoCategoryWithASemicolonIsRefused) {
  write_file(folder_ / "a.bmp", made_photo(0, 0));
  write_file(folder_ / "b.bmp", made_photo(1, 0));
  write_file(folder_ / "x.json", std::string_view(R"({"images": [{"id": 1, "file_name": "a.bmp"}, {"id": 2, "file_name": "b.bmp"}],
      "categories": [{"id": 1, "name": "bee; adult"}, {"id": 2, "name": "ant"}],
      "annotations": [{"image_id": 1, "category_id": 1}, {"image_id": 2, "category_id": 2}]})"));
  config_.source = folder_ / "x.json";
  config_.out = folder_ / "x.csv";
  EXPECT_EQ(error(), "data: " + config_.source.string() +
                         ": class 'bee; adult' contains a ';', which separates two classes in a table; give it another name, or omit it with --only");
  EXPECT_FALSE(std::filesystem::exists(config_.out));
  config_.only = "ant";
  EXPECT_EQ(convert().pictures, 1U);
}

TEST_F(Convert, ClassesInNames) {
  for (const char* name : {"train/cat.0.bmp", "train/cat.1.bmp", "train/dog.0.bmp", "val/dog.1.bmp", "test1/7.bmp"})
    write_file(folder_ / "pets" / name, made_photo(0, 0));
  config_.source = folder_ / "pets";
  config_.out = folder_ / "pets.csv";
  config_.label_from_name = "^([a-z]+)";
  const Conversion done = convert();
  EXPECT_EQ(as_text(read_file(config_.out)),
            "path,label,split\npets/train/cat.0.bmp,cat,train\npets/train/cat.1.bmp,cat,train\npets/train/dog.0.bmp,dog,train\npets/val/"
            "dog.1.bmp,dog,val\n");
  EXPECT_EQ(done.classes, 2U);
  EXPECT_EQ(done.parts, (std::array<std::size_t, 3>{3, 1, 0}));
  EXPECT_EQ(done.notes.back(), "without a class that --label-from-name finds, left out: all 1 photos for test");
  config_.out = folder_ / "few.csv";
  config_.only = "cat";
  config_.per_class = 1;
  EXPECT_EQ(convert().pictures, 1U);
  config_.out = folder_ / "more.csv";
  config_.classes = "a,b";
  EXPECT_EQ(
      error(),
      "usage: --label-from-name: is for a folder of photos; --format, --labels, --images, --classes and --skip-ambiguous are for others; omit them");
}

}  // namespace
}  // namespace graft::convert

#include "graft/convert/npz.h"

#include <gtest/gtest.h>

#include "convert/made_data.h"
#include "error_text.h"

namespace graft::convert {
namespace {

using test::Entry;
using test::npy;

std::string error_of(const std::string& file) {
  return test::error_of([&] { read_npz(as_bytes(file), "m.npz"); });
}

const std::string kPixels = test::made_bytes(2 * 3 * 4 * 3, 1),
                  kHint = "expected the layout of MedMNIST: train_images and train_labels, optionally also those of val and test";
const Entry kImages{"train_images.npy", npy("|u1", "(2, 3, 4, 3)", kPixels)};
const Entry kTwoLabels{"train_labels.npy", npy("|u1", "(2, 1)", std::string("\1\0", 2))};

std::string error_with_images(const std::string& array) { return error_of(test::zip({{"train_images.npy", array}, kTwoLabels}, false)); }
std::string error_with_labels(const std::string& array) { return error_of(test::zip({kImages, {"train_labels.npy", array}}, false)); }

TEST(Npz, StoredAndDeflatedPartsInColourAndGrey) {
  const std::vector<Entry> entries = {kImages,
                                      kTwoLabels,
                                      {"val_images.npy", npy("|u1", "(1, 5, 6)", std::string(30, 'v'))},
                                      {"val_labels.npy", npy("<i8", "(1,)", test::little_endian(300, 8))},
                                      {"test_images.npy", npy("|u1", "(1, 5, 6, 1)", std::string(30, 't'))},
                                      {"test_labels.npy", npy("<i2", "(1,)", test::little_endian(2, 2))}};
  for (const bool compressed : {false, true}) {
    const std::string file = test::zip(entries, compressed);
    const Collection found = read_npz(as_bytes(file), "m.npz");
    ASSERT_EQ(found.pictures.size(), 3U);
    EXPECT_EQ(found.pictures[0].part, data::Part::train);
    EXPECT_EQ(found.pictures[0].width, 4);
    EXPECT_EQ(found.pictures[0].height, 3);
    EXPECT_EQ(found.pictures[0].channels, 3);
    EXPECT_EQ(found.pictures[0].labels, (std::vector<uint16_t>{1, 0}));
    EXPECT_EQ(as_text(archive::all_of(found.pictures[0].content, 1000)).substr(found.pictures[0].begin), kPixels);
    EXPECT_EQ(found.pictures[1].part, data::Part::val);
    EXPECT_EQ(found.pictures[1].channels, 1);
    EXPECT_EQ(found.pictures[1].labels, std::vector<uint16_t>{300});
    EXPECT_EQ(found.pictures[2].part, data::Part::test);
    EXPECT_EQ(found.pictures[2].channels, 1);
    EXPECT_TRUE(found.classes.empty());
  }
}

TEST(Npz, TheNamesThatKerasUses) {
  const std::string file = test::zip({{"x_train.npy", kImages.content}, {"y_train.npy", kTwoLabels.content}}, true);
  EXPECT_EQ(read_npz(as_bytes(file), "m.npz").pictures[0].part, data::Part::train);
  const std::string both = test::zip({kImages, kTwoLabels, {"x_train.npy", kImages.content}, {"y_train.npy", kTwoLabels.content}}, true);
  EXPECT_EQ(error_of(both), "data: m.npz: holds two arrays of train pictures, one of them x_train; " + kHint);
}

TEST(Npz, WhatIsMissing) {
  EXPECT_EQ(error_of(test::zip({kImages}, false)), "data: m.npz: holds train_images without train_labels; " + kHint);
  EXPECT_EQ(error_of(test::zip({kTwoLabels}, false)), "data: m.npz: holds train_labels without train_images; " + kHint);
  EXPECT_EQ(error_of(test::zip({{"a.npy", ""}}, false)), "data: m.npz: no train_images in it, only 'a.npy'; " + kHint);
  EXPECT_EQ(error_of(test::zip({}, false)), "data: m.npz: no train_images in it, only nothing; " + kHint);
}

TEST(Npz, ArraysOfOtherTypesAndShapes) {
  const std::string images = "data: m.npz: train_images: ", labels = "data: m.npz: train_labels: ";
  EXPECT_EQ(error_with_images(npy("<f4", "(2, 3, 4)", "")), images + "values of type '<f4', expected uint8; save array.astype('uint8'), 0 to 255");
  EXPECT_EQ(error_with_images(npy("|u1", "(2, 12)", "")), images + "shape (2, 12), expected (N, H, W) or (N, H, W, 3)");
  EXPECT_EQ(error_with_images(npy("|u1", "(2, 28, 28, 28)", "")),
            images + "shape (2, 28, 28, 28), expected 1 or 3 channels at its end; 3D volumes are not photos");
  EXPECT_EQ(error_with_images(npy("|u1", "(2, 3, 4, 3)", kPixels, "True")),
            images + "in Fortran order, expected C order; save numpy.ascontiguousarray(array)");
  EXPECT_EQ(error_with_images(npy("|u1", "(2, 99999, 4)", "")), images + "pictures of 4x99999 pixels, expected sides of 1 to 8,192");
  EXPECT_EQ(error_with_images(npy("|u1", "(18446744073709551615, 4, 4)", "")), images + "18446744073709551615 pictures, expected 1 to 5,000,000");
  EXPECT_EQ(error_with_images("no array"), images + "not a NumPy file: it does not begin with \\x93NUMPY; write it with numpy.savez");
  EXPECT_EQ(error_with_labels(npy("<f8", "(2,)", "")), labels + "values of type '<f8', expected whole numbers; save labels.astype('int64')");
  EXPECT_EQ(error_with_labels(npy("|u1", "(2, 14)", std::string(28, '\0'))),
            labels +
                "shape (2, 14): 14 labels for each picture (multi-label), expected one; a folder of classes can hold one label for each picture; "
                "keep one column of the labels");
  EXPECT_EQ(error_with_labels(npy("|u1", "(2, 1, 1)", "")), labels + "shape (2, 1, 1), expected (N,) or (N, 1)");
  EXPECT_EQ(error_with_labels(npy("|u1", "(3,)", "abc")), labels + "3 labels for 2 pictures; they do not belong together");
  EXPECT_EQ(error_with_labels(npy("|i1", "(2,)", "\1\xFF")), labels + "label -1 at index 1, expected 0 to 9,999");
  EXPECT_EQ(error_with_labels(npy("<i8", "(2,)", test::little_endian(10000, 8) + std::string(8, '\0'))),
            labels + "label 10000 at index 0, expected 0 to 9,999");
  EXPECT_EQ(error_with_labels(npy("<u8", "(2,)", std::string(16, '\xFF'))), labels + "label -1 at index 0, expected 0 to 9,999");
}

TEST(Npz, SizesThatLie) {
  EXPECT_EQ(error_with_images(npy("|u1", "(2, 3, 4, 3)", kPixels.substr(1))),
            "data: m.npz: train_images: header and values of (2, 3, 4, 3) need 200 bytes, but it holds at most 199; download it again");
  EXPECT_EQ(error_with_images(npy("|u1", "(2, 3, 4, 3)", kPixels + "x")),
            "data: m.npz: train_images: header and values of (2, 3, 4, 3) need 200 bytes, but more follow; download it again");
  EXPECT_EQ(error_of(test::zip({kImages, kTwoLabels}, true, true)).substr(0, 35), "data: m.npz: train_images: has CRC ");
  std::string bomb = test::zip({kImages, kTwoLabels}, true);
  const std::size_t directory = bomb.find("PK\1\2");
  bomb.replace(directory + 24, 4, test::little_endian(4000000000U, 4));
  EXPECT_EQ(error_of(bomb).substr(0, 89), "data: m.npz: train_images: has 4000000000 bytes according to its zip archive, which " +
                                              std::to_string(test::deflated(kImages.content, -15).size()) + " c");
  bomb.replace(directory + 24, 4, test::little_endian(kImages.content.size() + 1, 4));
  EXPECT_EQ(error_of(bomb), "data: m.npz: train_images: is 1 bytes shorter than its zip archive says; download it again");
  bomb.replace(directory + 24, 4, test::little_endian(kImages.content.size() - 1, 4));
  EXPECT_EQ(error_of(bomb), "data: m.npz: train_images: is longer than its zip archive says; download it again");
}

}  // namespace
}  // namespace graft::convert

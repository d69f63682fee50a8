#include "graft/convert/idx.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "convert/made_data.h"
#include "error_text.h"
#include "folder.h"

namespace graft::convert {
namespace {

using test::gzip;
using test::idx_images;
using test::idx_labels;

Pictures read(const std::string& images, const std::string& labels) {
  return read_idx(archive::content_of(as_bytes(images), "images"), archive::content_of(as_bytes(labels), "labels"));
}
std::string error_of(const std::string& images, const std::string& labels) {
  return test::error_of([&] { read(images, labels); });
}

const std::string kPixels = test::made_bytes(3 * 4 * 5, 1), kImages = idx_images(3, 4, 5, kPixels), kLabels = idx_labels(3, "\1\7\1");

TEST(Idx, SizesLabelsAndPixelsPackedOrNot) {
  const std::string packed_images = gzip(kImages), packed_labels = gzip(kLabels);
  for (const auto& [images, labels] : {std::pair(kImages, kLabels), std::pair(packed_images, packed_labels), std::pair(kImages, packed_labels)}) {
    const Pictures found = read(images, labels);
    EXPECT_EQ(found.width, 5);
    EXPECT_EQ(found.height, 4);
    EXPECT_EQ(found.channels, 1);
    EXPECT_EQ(found.labels, (std::vector<uint16_t>{1, 7, 1}));
    const auto stream = found.content.open();
    EXPECT_EQ(stream->skip(found.begin), 16U);
    std::string pixels(61, '\0');
    EXPECT_EQ(stream->read(std::as_writable_bytes(std::span(pixels.data(), pixels.size()))), 60U);
    EXPECT_EQ(pixels.substr(0, 60), kPixels);
  }
}

TEST(Idx, SeveralGzipMembersAndZerosBehindThem) {
  const std::string images = gzip(kImages.substr(0, 20)) + gzip(kImages.substr(20)) + std::string(100, '\0');
  EXPECT_EQ(read(images, kLabels).labels.size(), 3U);
}

TEST(Idx, HeadersThatLie) {
  EXPECT_EQ(error_of("no", kLabels), "data: images: not an IDX file: it does not begin with two zeros");
  EXPECT_EQ(error_of(std::string("\0\0\x0D\x03", 4), kLabels), "data: images: IDX values of type 0d, expected 08 (unsigned bytes)");
  EXPECT_EQ(error_of(kLabels, kLabels), "data: images: IDX of 1 dimension, expected 3 (pictures, rows, columns)");
  EXPECT_EQ(error_of(kImages, kImages), "data: labels: IDX of 3 dimensions, expected 1 (labels)");
  EXPECT_EQ(error_of(kImages.substr(0, 15), kLabels), "data: images: ends after 15 bytes, within its header; download it again");
  EXPECT_EQ(error_of(kImages.substr(0, 70), kLabels), "data: images: 3 pictures of 5x4 need 76 bytes, but it holds at most 70; download it again");
  EXPECT_EQ(error_of(kImages + "x", kLabels), "data: images: 3 pictures of 5x4 need 76 bytes, but more follow; download it again");
  EXPECT_EQ(error_of(kImages, kLabels.substr(0, 10)), "data: labels: 3 labels need 11 bytes, but it holds at most 10; download it again");
  EXPECT_EQ(error_of(kImages, idx_labels(2, "\1\2")), "data: labels: 2 labels for the 3 pictures of images; they do not belong together");
  EXPECT_EQ(error_of(idx_images(3, 0, 5, ""), kLabels), "data: images: pictures of 5x0 pixels, expected sides of 1 to 8,192");
  EXPECT_EQ(error_of(idx_images(3, 70000, 5, ""), kLabels), "data: images: pictures of 5x70000 pixels, expected sides of 1 to 8,192");
  EXPECT_EQ(error_of(idx_images(0, 4, 5, ""), idx_labels(0, "")), "data: images: 0 pictures, expected 1 to 5,000,000");
  EXPECT_EQ(error_of(idx_images(4294967295U, 8192, 8192, ""), kLabels), "data: images: 4294967295 pictures, expected 1 to 5,000,000");
}

TEST(Idx, DamagedAndCutGzip) {
  const std::string packed = gzip(kImages);
  EXPECT_EQ(error_of(packed.substr(0, packed.size() - 30), kLabels), "data: images: its compressed data ends too early; download it again");
  EXPECT_EQ(error_of(gzip(kImages.substr(0, 70)), kLabels), "data: images: 3 pictures of 5x4 need 76 bytes, but it ends after 70; download it again");
  EXPECT_EQ(error_of(gzip(kImages + std::string(1 << 20, '\0')), kLabels),
            "data: images: 3 pictures of 5x4 need 76 bytes, but more follow; download it again");
  std::string spoiled = packed;
  spoiled[spoiled.size() - 6] = static_cast<char>(spoiled[spoiled.size() - 6] ^ 1);
  EXPECT_EQ(error_of(spoiled, kLabels), "data: images: its compressed data is damaged (incorrect data check); download it again");
  // More than deflate can make of so few bytes: refused without unpacking.
  const std::string lying = gzip(idx_images(5000000, 28, 28, ""));
  EXPECT_EQ(error_of(lying, idx_labels(5000000, std::string(5000000, '\0'))),
            "data: images: 5,000,000 pictures of 28x28 need 3,920,000,016 bytes, but it holds at most " + std::to_string(lying.size() * 1032 / 1000) +
                "," + std::to_string(1000 + lying.size() * 1032 % 1000).substr(1) + "; download it again");
}

TEST(Idx, EveryCutOfAFileIsRefused) {
  EXPECT_TRUE(rc::check([] {
    const auto size = *rc::gen::inRange<std::size_t>(0, kImages.size());
    RC_ASSERT(error_of(kImages.substr(0, size), kLabels).starts_with("data: images: "));
    RC_ASSERT(error_of(gzip(kImages.substr(0, size)), kLabels).starts_with("data: images: "));
  }));
}

class IdxFolder : public testing::Test {
 protected:
  void put(const std::string& name, const std::string& content) { write_file(folder_ / name, content); }
  std::string error() {
    return test::error_of([&] { read_idx(folder_.path(), {}); });
  }
  TestFolder folder_;
};

TEST_F(IdxFolder, PartsByTheNamesOfFiles) {
  put("emnist-letters-train-images-idx3-ubyte.gz", gzip(kImages));
  put("emnist-letters-train-labels-idx1-ubyte.gz", gzip(kLabels));
  put("t10k-images.idx3-ubyte", kImages);
  put("t10k-images.idx3-ubyte.gz", "the same, packed");
  put("t10k-labels.idx1-ubyte", kLabels);
  const Collection found = read_idx(folder_.path(), {});
  ASSERT_EQ(found.pictures.size(), 2U);
  EXPECT_EQ(found.pictures[0].part, data::Part::train);
  EXPECT_EQ(found.pictures[1].part, data::Part::test);
  EXPECT_EQ(found.pictures[1].content.name, (folder_ / "t10k-images.idx3-ubyte").string());
}

TEST_F(IdxFolder, WhatIsMissingOrTwice) {
  const std::string name = folder_.path().string();
  put("t10k-images-idx3-ubyte", kImages);
  EXPECT_EQ(error(), "data: " + name + ": no train-images-idx3-ubyte in it; give the folder that holds the files as they were downloaded");
  put("train-images-idx3-ubyte", kImages);
  EXPECT_EQ(error(), "data: " + name + "/train-images-idx3-ubyte: no file of labels next to it; download that as well");
  put("letters-train-images-idx3-ubyte", kImages);
  EXPECT_EQ(error(), "data: " + name +
                         ": holds two files of train pictures, 'letters-train-images-idx3-ubyte' and 'train-images-idx3-ubyte'; give one of them, or "
                         "move the others elsewhere");
}

TEST_F(IdxFolder, OneFileWithItsLabels) {
  put("train-images-idx3-ubyte", kImages);
  put("y", kLabels);
  EXPECT_EQ(
      test::error_of([&] { read_idx(folder_ / "train-images-idx3-ubyte", {}); }),
      "usage: --labels: missing: there is no file of labels next to " + (folder_ / "train-images-idx3-ubyte").string() + "; name it, --labels FILE");
  EXPECT_EQ(read_idx(folder_ / "train-images-idx3-ubyte", folder_ / "y").pictures[0].part, std::nullopt);
  put("train-labels-idx1-ubyte.gz", gzip(idx_labels(3, "\4\5\6")));
  EXPECT_EQ(read_idx(folder_ / "train-images-idx3-ubyte", {}).pictures[0].labels, (std::vector<uint16_t>{4, 5, 6}));
}

}  // namespace
}  // namespace graft::convert

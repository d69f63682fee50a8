// A picture of what augmentation does: its parts, that it can be had again, and what goes wrong.
#include <gtest/gtest.h>

#include <algorithm>

#include "cli/program.h"
#include "graft/data/augment.h"
#include "graft/image/decode.h"

namespace graft {
namespace {

class AugmentCommand : public testing::Test {
 protected:
  AugmentCommand() {
    write_file(folder_ / "a.bmp", made_photo(0, 1));
    write_file(folder_ / "b.bmp", made_photo(3, 2, 50, 70));
  }

  Finished augment(std::vector<std::string> words) {
    words.insert(words.begin(), "augment");
    return run(folder_, words);
  }
  image::Image picture(const std::string& name) { return image::decode(read_file(folder_ / name), name); }
  void expect_error(const std::vector<std::string>& words, int exit_code, const std::string& line) {
    expect_refused(augment(words), exit_code, line);
    EXPECT_EQ(listing(folder_.path()), before_);
  }
  /// The picture in a row and column of a grid of squares.
  static std::vector<uint8_t> cell(const image::Image& grid, int size, int row, int column) {
    std::vector<uint8_t> pixels;
    for (int y = 0; y < size; ++y) {
      const auto first = static_cast<std::ptrdiff_t>((row * (size + 4) + y) * grid.width + column * (size + 4)) * 3;
      pixels.insert(pixels.end(), grid.pixels.begin() + first, grid.pixels.begin() + first + size * 3);
    }
    return pixels;
  }

  TestFolder folder_;
  std::vector<std::string> before_ = {"a.bmp", "b.bmp"};
};

TEST_F(AugmentCommand, ARowForEachPhoto) {
  const Finished done = augment({"a.bmp", "b.bmp", "--size", "48", "--views", "5", "--augment", "strong", "--out", "grid.png"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_EQ(done.out, "grid.png: 2 photos, each as it is and in 5 views; 308 x 100 pixels\n");
  EXPECT_EQ(done.err, "");
  const image::Image grid = picture("grid.png");
  ASSERT_EQ(grid.width, 6 * 48 + 5 * 4);
  ASSERT_EQ(grid.height, 2 * 48 + 4);
  const data::Preprocess preprocess = data::sized({}, 48, {});
  std::vector<uint8_t> wanted(preprocess.row_bytes());
  for (int row = 0; row < 2; ++row) {
    preprocess(picture(row == 0 ? "a.bmp" : "b.bmp"), wanted);
    EXPECT_EQ(cell(grid, 48, row, 0), wanted) << "as predictions see it";
    for (int view = 1; view <= 5; ++view) EXPECT_NE(cell(grid, 48, row, view), wanted);
    EXPECT_NE(cell(grid, 48, row, 1), cell(grid, 48, row, 2));
  }
  const std::size_t gap = (20 * 308 + 48) * 3;
  EXPECT_TRUE(std::all_of(&grid.pixels[gap], &grid.pixels[gap + 12], [](uint8_t value) { return value == 255; }));
}

TEST_F(AugmentCommand, TheSeedDecides) {
  const auto made = [&](const std::string& name, const std::string& seed) {
    EXPECT_EQ(augment({"a.bmp", "--size", "32", "--seed", seed, "--policy", "augmix", "-o", name}).exit_code, 0);
    return read_file(folder_ / name);
  };
  EXPECT_EQ(made("1.png", "4"), made("2.png", "4"));
  EXPECT_NE(made("3.png", "5"), made("4.png", "4"));
  EXPECT_EQ(augment({"a.bmp", "--size", "32", "--augment", "none", "--views", "1", "--out", "none.png"}).out,
            "none.png: 1 photo, each as it is and in 1 view; 68 x 32 pixels\n");
  EXPECT_EQ(cell(picture("none.png"), 32, 0, 0), cell(picture("none.png"), 32, 0, 1));
}

TEST_F(AugmentCommand, ReplacesOnlyWhenTold) {
  write_file(folder_ / "grid.png", std::string_view("mine"));
  before_.push_back("grid.png");
  expect_error({"a.bmp", "--out", "grid.png"}, 1, "grid.png: already exists; choose another --out or pass --force");
  EXPECT_EQ(as_text(read_file(folder_ / "grid.png")), "mine");
  EXPECT_EQ(augment({"a.bmp", "--size", "32", "--out", "grid.png", "--force"}).exit_code, 0);
  EXPECT_EQ(picture("grid.png").height, 32);
}

TEST_F(AugmentCommand, WhatGoesWrong) {
  expect_error({"--out", "grid.png"}, 2, "photos: missing; usage: graft augment PHOTOS... [options]");
  expect_error({"a.bmp"}, 2, "--out: missing; for instance --out grid.png");
  expect_error({"a.bmp", "--out", "grid.jpg"}, 2, "--out grid.jpg: expected a name that ends in .png; the pictures are written as PNG");
  expect_error({"a.bmp", "--out", "grid"}, 2, "--out grid: expected a name that ends in .png; the pictures are written as PNG");
  expect_error({"c.bmp", "--out", "grid.png"}, 1, "c.bmp: no such file or folder; did you mean 'a.bmp'?");
  expect_error({"a.bmp", ".", "--out", "grid.png"}, 1, ".: is a folder, expected a photo; name a few of the photos in it");
  expect_error({"a.bmp", "--rotation", "200", "--out", "grid.png"}, 2, "--rotation 200: expected between 0 and 180");
  expect_error({"a.bmp", "--augment", "strnog", "--out", "grid.png"}, 2,
               "--augment strnog: expected none, light, standard or strong; did you mean strong?");
  expect_error({"a.bmp", "--posterize-chance", "0.5", "--out", "grid.png"}, 2, "--posterize-chance: has no effect here; give --posterize, too");
  expect_error(
      {"a.bmp", "b.bmp", "--size", "1024", "--views", "100", "--out", "grid.png"}, 2,
      "2 photos: the picture would have 213,046,848 pixels, expected at most 178,956,970; give fewer photos, fewer --views or a smaller --size");
  write_file(folder_ / "broken.jpg", std::string_view("\xff\xd8\xff but no more"));
  before_.push_back("broken.jpg");
  expect_error({"a.bmp", "broken.jpg", "--out", "grid.png"}, 1, "broken.jpg: broken JPEG: Unsupported marker type 0x20");
}

}  // namespace
}  // namespace graft

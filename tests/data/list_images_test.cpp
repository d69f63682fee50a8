#include <gtest/gtest.h>

#include <sstream>

#include "data/made_files.h"

namespace graft::data {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

class ListImages : public ::testing::Test {
 protected:
  ListImages() {
    for (const char* name : {"in/b.jpg", "in/a/z.png", "in/x.txt", "one.jpg", "odd name", "empty/read.me"}) test::put(folder_ / name);
  }
  Names list(const Names& inputs, const std::string& standard_input = {}) {
    std::vector<fs::path> paths;
    for (const std::string& input : inputs) paths.push_back(input == "-" ? fs::path(input) : folder_ / input);
    std::istringstream stream(standard_input);
    found_ = list_images(paths, stream);
    return test::names_in(folder_.path(), found_.paths);
  }
  std::string at(const std::string& name) const { return (folder_ / name).string(); }

  const TestFolder folder_;
  ImageList found_;
};

TEST_F(ListImages, FilesAndFoldersInOrder) {
  EXPECT_EQ(list({"one.jpg", "in/", "odd name", "one.jpg"}), (Names{"one.jpg", "in/a/z.png", "in/b.jpg", "odd name", "one.jpg"}));
  EXPECT_EQ(found_.notes, Names{"files ignored, not images by name: 1 .txt"});
  EXPECT_EQ(found_.left_out.files(), 1U);
  EXPECT_TRUE(list({}).empty());
  EXPECT_TRUE(found_.notes.empty());
}

TEST_F(ListImages, StandardInput) {
  EXPECT_EQ(list({"one.jpg", "-"}, at("odd name") + "\r\n\n" + at("in") + "\n"), (Names{"one.jpg", "odd name", "in/a/z.png", "in/b.jpg"}));
  test::put(folder_ / "two\nlines.jpg");
  EXPECT_EQ(list({"-"}, at("two\nlines.jpg") + '\0' + at("one.jpg") + '\0'), (Names{"two\nlines.jpg", "one.jpg"}));
  EXPECT_TRUE(list({"-"}).empty());
}

TEST_F(ListImages, Errors) {
  EXPECT_EQ(test::error_in(folder_, [&] { list({"one.jpg", "noe.jpg"}); }), "data: noe.jpg: no such file or folder; did you mean 'one.jpg'?");
  EXPECT_EQ(test::error_in(folder_, [&] { list({"-"}, at("gone\xFF")); }), "data: gone\\xff: no such file or folder");
  EXPECT_EQ(test::error_in(folder_, [&] { list({"empty"}); }),
            "data: empty: holds no photos (1 .me ignored), expected JPEG, PNG, WebP, BMP, TIFF, GIF, HEIC, AVIF, JPEG 2000 or DICOM files");
}

}  // namespace
}  // namespace graft::data

// What a user gets wrong about data and places: exact text, exit code, nothing left behind.
#include <gtest/gtest.h>

#include <sys/mount.h>
#include <sys/resource.h>

#include "cli/program.h"

namespace graft {
namespace {

namespace fs = std::filesystem;

class BadData : public testing::Test {
 protected:
  BadData() { make_photos(folder_ / "photos", {"cat", "dog"}, 6); }

  /// The command fails with this line as the last of standard error, and no run is left.
  void expect(const std::vector<std::string>& words, int exit_code, const std::string& line) {
    expect_failed(folder_, run(folder_, words), exit_code, line);
  }

  TestFolder folder_;
};

TEST_F(BadData, NoSuchFolder) {
  expect({"fit", "nowhere"}, 1, "nowhere: no such file or folder");
  expect({"fit", "phtoos"}, 1, "phtoos: no such file or folder; did you mean 'photos'?");
}

TEST_F(BadData, EmptyFolder) {
  fs::create_directory(folder_ / "empty");
  expect({"fit", "empty"}, 1,
         "empty: is empty, expected a folder of photos for each class; sort the photos into folders named by class, give a CSV of path,label, or say "
         "where their names have the class: --label-from-name REGEX");
}

TEST_F(BadData, OneClass) {
  make_photos(folder_ / "one", {"cat"}, 6);
  expect({"fit", "one"}, 1, "one: only one class, 'cat', expected two or more; add photos of another class");
}

TEST_F(BadData, AClassWithOneImage) {
  write_file(folder_ / "photos" / "eel" / "0.bmp", made_photo(2, 0));
  expect({"fit", "photos"}, 1, "photos: class 'eel' has 1 photo, expected at least 2 to split; add photos or give --val");
}

TEST_F(BadData, UnreadableImagesAreReportedAllAtOnce) {
  write_file(folder_ / "photos" / "cat" / "text.jpg", std::string_view("hello world"));
  write_file(folder_ / "photos" / "dog" / "zero.png", std::string_view(""));
  write_file(folder_ / "photos" / "dog" / "cut.bmp", made_photo(1, 1).substr(0, 1000));
  const auto truncated = read_file(GRAFT_TESTS "/image/fixtures/420.jpg");
  write_file(folder_ / "photos" / "dog" / "cut.jpg", Bytes(truncated).first(truncated.size() / 2));
  std::string huge("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xff\xdc\0\0\xff\xdc\x08\x02\0\0\0\xc3\x2c\x0b\x9d", 33);
  write_file(folder_ / "photos" / "dog" / "huge.png", huge);
  const Finished done = run(folder_, {"fit", "photos", "-q"});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_TRUE(
      done.err.starts_with("graft: photos: 5 of 17 photos cannot be read: cat/text.jpg (not a JPEG, PNG, WebP, BMP, TIFF, GIF, HEIC, AVIF, JPEG 2000 "
                           "or DICOM (starts with 68 65 6c 6c)), dog/cut.bmp ("))
      << done.err;
  for (const char* reason : {"dog/cut.jpg (truncated JPEG (ends before its first row))", "dog/cut.bmp (truncated BMP (3 of 80 rows are readable))",
                             "dog/huge.png (65500x65500 pixels are more than the limit of 178,956,970)", "dog/zero.png (empty file)"})
    EXPECT_NE(done.err.find(reason), std::string::npos) << done.err;
  EXPECT_TRUE(done.err.ends_with("; repair or remove them, or pass --skip-unreadable\n")) << done.err;
  EXPECT_FALSE(fs::exists(folder_ / "runs"));

  const Finished skipped = run(folder_, {"fit", "photos", "--skip-unreadable", "--out", "run"});
  EXPECT_EQ(skipped.exit_code, 0) << skipped.err;
  EXPECT_NE(skipped.err.find("5 of 17 photos cannot be read"), std::string::npos) << "skipped, but not silently";
}

TEST_F(BadData, AClassOfUnreadableImages) {
  for (const char* name : {"a.jpg", "b.jpg"}) write_file(folder_ / "photos" / "eel" / name, std::string_view("no picture"));
  expect({"fit", "photos", "--skip-unreadable", "-q"}, 1, "photos: class 'eel' has no photo that can be read; add photos or remove the class");
}

TEST_F(BadData, TablesNameTheLine) {
  write_file(folder_ / "missing.csv", std::string_view("path,label\nphotos/cat/0.bmp,cat\nphotos/cat/99.bmp,cat\n"));
  write_file(folder_ / "columns.csv", std::string_view("photos/cat/0.bmp,cat\nphotos/dog/0.bmp,dog,brown,big\n"));
  write_file(folder_ / "two.csv", std::string_view("photos/cat/0.bmp,cat\nphotos/cat/1.bmp,cat\nphotos/cat/0.bmp,dog\n"));
  for (const auto& [file, begin] : {std::pair{"missing.csv", "missing.csv:3: "}, {"columns.csv", "columns.csv:2: "}, {"two.csv", "two.csv:3: "}}) {
    const Finished done = run(folder_, {"fit", file});
    EXPECT_EQ(done.exit_code, 1);
    EXPECT_TRUE(done.err.starts_with(std::string("graft: ") + begin)) << done.err;
  }
}

TEST_F(BadData, OutExistsOrCannotBeMade) {
  expect({"fit", "photos", "--out", "photos"}, 1, "photos: already exists; choose another --out or remove it");
  write_file(folder_ / "file", std::string_view("x"));
  expect({"fit", "photos", "--out", "file/run"}, 1, "file/run: cannot create: Not a directory");
}

TEST_F(BadData, AFullDiskLeavesNothing) {
  // A limit on file sizes stands for the full disk: the same path through write(), without a mount.
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{1 << 20, before.rlim_max};
  signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  const Finished done = run(folder_, {"fit", "photos", "--out", "run", "-q"});
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_NE(done.err.find("model.onnx: cannot write: File too large"), std::string::npos) << done.err;
  EXPECT_EQ(listing(folder_.path()), std::vector<std::string>{"photos"}) << "nor anything hidden";
}

TEST_F(BadData, PredictSaysWhichPhotoAndGoesOn) {
  EXPECT_EQ(run(folder_, {"fit", "photos", "--out", "run", "-q"}).exit_code, 0);
  write_file(folder_ / "text.jpg", std::string_view("hello world"));
  const Finished done = run(folder_, {"predict", "run", "text.jpg", "photos/cat/0.bmp", "-q"});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_EQ(done.err, "graft: text.jpg: not a JPEG, PNG, WebP, BMP, TIFF, GIF, HEIC, AVIF, JPEG 2000 or DICOM (starts with 68 65 6c 6c)\n");
  EXPECT_TRUE(done.out.starts_with("photos/cat/0.bmp  cat ")) << done.out;
  expect({"predict", "run", "nophoto.jpg"}, 1, "nophoto.jpg: no such file or folder");
  expect({"eval", "run", "run"}, 1,
         "run: holds no class folders, only files: 6 .json, 3 .npy, 2 .svg, 1 .csv, 1 .html and others, expected a folder of photos for each "
         "class; "
         "sort the photos into folders named by class, give a CSV of path,label, or say where their names have the class: --label-from-name REGEX");
}

}  // namespace
}  // namespace graft

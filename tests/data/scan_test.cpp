#include "graft/data/scan.h"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include "data/made_files.h"

namespace graft::data {
namespace {

namespace fs = std::filesystem;
using test::names_in;
using test::put;
using Names = std::vector<std::string>;

TEST(Scan, ImageNames) {
  for (const char* name :
       {"a.jpg", "a.JPEG", "a.jpe", "a.Jfif", "a.b.png", "a.webp", "a.BMP", "a.Tif", "a.gif", "IMG.HEIC", "a.avif", "a.jp2", "a.dcm"})
    EXPECT_TRUE(is_image_name(name)) << name;
  for (const char* name : {"a", "jpg", "a.txt", "a.jpg.json", "a.psd", "a."}) EXPECT_FALSE(is_image_name(name)) << name;
}

// As clinics' systems export them: no extension, or a number with dots as the name.
TEST(Scan, DicomIsFoundWithoutAnExtension) {
  const TestFolder folder;
  const std::string dicom = std::string(128, '\0') + "DICM";
  for (const char* name : {"IM0001", "1.2.840.10008.5", "other/IM0002"}) put(folder / name, dicom);
  for (const char* name : {"README", "1.2.3", "short"}) put(folder / name, "text");
  put(folder / "a.txt", dicom);
  const Listing found = scan_images(folder.path());
  EXPECT_EQ(names_in(folder.path(), found.images), (Names{"1.2.840.10008.5", "IM0001", "other/IM0002"}));
  EXPECT_EQ(found.left_out.by_extension.size(), 3U);
}

TEST(Scan, SortedByBytesNestedAndWithoutHidden) {
  const TestFolder folder;
  for (const char* name :
       {"b.jpg", "B.png", "a/z.bmp", "a-.jpg", "a/deep/er/c.webp", ".hidden.jpg", ".git/x.jpg", "__MACOSX/b.jpg", "Thumbs.db", "desktop.ini"})
    put(folder / name);
  const Listing found = scan_images(folder.path());
  EXPECT_EQ(names_in(folder.path(), found.images), (Names{"B.png", "a-.jpg", "a/deep/er/c.webp", "a/z.bmp", "b.jpg"}));
  EXPECT_TRUE(found.folders.empty());
  EXPECT_EQ(found.left_out.notes(folder.path()), Names{"system and hidden folders skipped: 1 '.git', 1 '__MACOSX'"});
}

TEST(Scan, FoldersOfStorageSystemsAndDesktopsHoldNoPhotosOfAClass) {
  const TestFolder folder;
  for (const char* name : {"@eaDir", "#recycle", "#snapshot", "$RECYCLE.BIN", "lost+found", ".@__thumb", "@tmp", "@Recycle", ".Trash-1000",
                           "System Volume Information", ".AppleDouble", ".git", ".dvc", "RECYCLER"})
    put(folder / ("cat/" + std::string(name) + "/1.jpg/THUMB_M.jpg"));
  put(folder / "cat/1.jpg");
  put(folder / "cat/more/@eaDir/2.jpg");
  const Listing found = scan_images(folder.path());
  EXPECT_EQ(names_in(folder.path(), found.images), Names{"cat/1.jpg"});
  EXPECT_EQ(found.left_out.folders.at("@eaDir"), 2U);
  EXPECT_EQ(found.left_out.folders.size(), 14U);
  EXPECT_EQ(found.left_out.notes(folder.path()),
            Names{"system and hidden folders skipped: 2 '@eaDir', 1 '#recycle', 1 '#snapshot', 1 '$RECYCLE.BIN', 1 '.@__thumb' "
                  "and others"});
}

TEST(Scan, CountsWhatItLeavesOut) {
  const TestFolder folder;
  for (const char* name : {"a.txt", "x/b.TXT", "c.md", "d.json", "e.xml", "f.csv", "g.psd", "README", "ok.jpg"}) put(folder / name);
  fs::create_symlink("nowhere", folder / "x/old");
  const LeftOut left_out = scan_images(folder.path()).left_out;
  EXPECT_EQ(left_out.notes(folder.path()), (Names{"files ignored, not images by name: 2 .txt, 1 without extension, 1 .csv, 1 .json, 1 .md and others",
                                                  "links to nothing ignored: 1, first 'x/old'"}));
}

TEST(Scan, FollowsLinksAndSurvivesLoops) {
  const TestFolder folder;
  put(folder / "photos/cat/1.jpg");
  put(folder / "photos/dog/2.jpg");
  put(folder / "store/3.jpg");
  fs::create_directory_symlink("../../store", folder / "photos/cat/more");
  fs::create_symlink("../../store/3.jpg", folder / "photos/cat/file.jpg");
  fs::create_symlink("gone.jpg", folder / "photos/cat/lost.jpg");
  fs::create_directory_symlink(".", folder / "photos/cat/self");
  fs::create_directory_symlink("..", folder / "photos/cat/up");
  fs::create_directory_symlink("../photos", folder / "store/back");
  fs::create_symlink("knot", folder / "photos/cat/knot");
  const Listing found = scan_images(folder / "photos/cat");
  EXPECT_EQ(names_in(folder.path(), found.images),
            (Names{"photos/cat/1.jpg", "photos/cat/file.jpg", "photos/cat/lost.jpg", "photos/cat/more/3.jpg"}));
  EXPECT_EQ(names_in(folder.path(), found.left_out.dangling), Names{"photos/cat/knot"});
}

TEST(Scan, PipesAreNotImages) {
  const TestFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe.jpg").c_str(), 0600), 0);
  fs::create_directory(folder / "folder.jpg");
  EXPECT_TRUE(scan_images(folder.path()).images.empty());
}

TEST(Scan, UnreadableFolder) {
  const TestFolder folder;
  fs::permissions(folder.path(), fs::perms::all);
  put(folder / "cat/locked/1.jpg");
  fs::permissions(folder / "cat/locked", fs::perms::none);
  const test::WithoutPrivileges nobody;
  EXPECT_EQ(test::error_in(folder, [&] { scan_images(folder / "cat"); }), "data: cat/locked: cannot list: Permission denied; check the permissions");
}

TEST(Scan, Existing) {
  const TestFolder folder;
  put(folder / "photos/a.jpg");
  EXPECT_EQ(existing(folder / "photos/"), folder / "photos");
  EXPECT_EQ(existing("/"), "/");
  EXPECT_EQ(test::error_in(folder, [&] { existing(folder / "photso/"); }), "data: photso: no such file or folder; did you mean 'photos'?");
  EXPECT_EQ(test::error_in(folder, [&] { existing(folder / "cats"); }), "data: cats: no such file or folder");
  EXPECT_EQ(test::error_in(folder, [&] { existing(folder / "photos/a.jpg/b"); }), "data: photos/a.jpg/b: no such file or folder");
}

TEST(Scan, NameUnder) {
  EXPECT_EQ(name_under("photos", "photos/cat/1.jpg"), "cat/1.jpg");
  EXPECT_EQ(name_under("photos", "photos2/1.jpg"), "photos2/1.jpg");
  EXPECT_EQ(name_under("", "a.jpg"), "a.jpg");
  EXPECT_EQ(name_under("/", "/a.jpg"), "a.jpg");
}

}  // namespace
}  // namespace graft::data

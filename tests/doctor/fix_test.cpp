#include "graft/doctor/fix.h"

#include <gtest/gtest.h>

#include "doctor/photos.h"
#include "error_text.h"
#include "graft/base/files.h"

namespace graft::doctor {
namespace {

namespace fs = std::filesystem;

class Fix : public testing::Test {
 protected:
  Fix() {
    for (const std::string name : {"a", "b", "c"}) put_file(data_ / (name + ".txt"), name);
    put_file(data_ / "in/d.txt", "d");
    for (const std::string name : {"a.txt", "b.txt", "in/d.txt"}) moves_.push_back({data_ / name, name, Kind::exact_copies});
  }

  std::string text(const fs::path& path) const {
    const auto bytes = read_file(path);
    return std::string(as_text(bytes));
  }
  std::string error_here(const std::function<void()>& call) const {
    std::string said = test::error_of(call);
    for (std::size_t at; (at = said.find(folder_.path().string() + "/")) != std::string::npos;) said.erase(at, folder_.path().string().size() + 1);
    return said;
  }

  TestFolder folder_;
  fs::path data_ = folder_ / "data", aside_ = folder_ / "aside";
  std::vector<Move> moves_;
};

TEST_F(Fix, MovesAndPutsBack) {
  move_away(moves_, aside_);
  EXPECT_FALSE(fs::exists(data_ / "a.txt"));
  EXPECT_EQ(text(aside_ / "in/d.txt"), "d");
  EXPECT_TRUE(fs::exists(data_ / "c.txt"));
  const Undone undone = undo(aside_);
  EXPECT_EQ(undone.back, 3U);
  EXPECT_EQ(text(data_ / "a.txt"), "a");
  EXPECT_EQ(text(data_ / "in/d.txt"), "d");
  EXPECT_FALSE(fs::exists(aside_));
}

TEST_F(Fix, AMoveThatStoppedInTheMiddleIsUndone) {
  move_away(moves_, aside_);
  fs::rename(aside_ / "b.txt", data_ / "b.txt");  // as if it had been stopped before
  const Undone undone = undo(aside_);
  EXPECT_EQ(undone.back, 2U);
  EXPECT_EQ(undone.there, 1U);
  EXPECT_EQ(text(data_ / "b.txt"), "b");
}

TEST_F(Fix, NothingIsWrittenOver) {
  move_away(moves_, aside_);
  put_file(data_ / "b.txt", "another");
  EXPECT_EQ(error_here([&] { undo(aside_); }), "data: data/b.txt: already exists and is not overwritten; move it out of the way");
  EXPECT_EQ(text(data_ / "b.txt"), "another");
  EXPECT_EQ(text(aside_ / "a.txt"), "a") << "nothing moved at all";
  fs::remove(data_ / "b.txt");
  EXPECT_EQ(undo(aside_).back, 3U);
}

TEST_F(Fix, ATargetThatIsThereEndsTheMoveAndCanBeUndone) {
  moves_[1].to = "a.txt";
  EXPECT_EQ(error_here([&] { move_away(moves_, aside_); }),
            "data: aside/a.txt: already exists and is not overwritten; 1 of 3 files are moved; put them back with: graft doctor --undo " +
                aside_.string().erase(0, folder_.path().string().size() + 1));
  EXPECT_EQ(text(data_ / "b.txt"), "b");
}

TEST_F(Fix, WhatIsGoneIsTold) {
  move_away(moves_, aside_);
  fs::remove(aside_ / "a.txt");
  const Undone undone = undo(aside_);
  EXPECT_EQ(undone.back, 2U);
  EXPECT_EQ(undone.lost, std::vector<std::string>{(data_ / "a.txt").string()});
}

TEST_F(Fix, NamesOfAnyBytesComeBack) {
  const fs::path odd = data_ / "odd \xff name.txt";
  put_file(odd, "odd");
  move_away({{odd, "odd \xff name.txt", Kind::unreadable}}, aside_);
  EXPECT_FALSE(fs::exists(odd));
  EXPECT_EQ(undo(aside_).back, 1U);
  EXPECT_EQ(text(odd), "odd");
}

TEST_F(Fix, ALinkStaysALink) {
  fs::create_symlink(folder_ / "data/c.txt", data_ / "link.txt");
  move_away({{data_ / "link.txt", "link.txt", Kind::exact_copies}}, aside_);
  EXPECT_TRUE(fs::is_symlink(aside_ / "link.txt"));
  EXPECT_TRUE(fs::exists(data_ / "c.txt"));
  undo(aside_);
  EXPECT_TRUE(fs::is_symlink(data_ / "link.txt"));
}

TEST_F(Fix, PlacesThatAreRefused) {
  EXPECT_EQ(error_here([&] { check_move(data_, ""); }),
            "usage: --fix move: needs a folder to move files into; usage: graft doctor DATA --fix move DIR");
  EXPECT_EQ(error_here([&] { check_move(data_, data_ / "aside"); }),
            "data: data/aside: is inside the data set, where its photos would be read again; choose a folder outside of it");
  EXPECT_EQ(error_here([&] { check_move(data_, data_); }),
            "data: data: is inside the data set, where its photos would be read again; choose a folder outside of it");
  EXPECT_EQ(error_here([&] { check_move(data_ / "in", data_); }), "data: data: holds the data set; choose another folder");
  put_file(folder_ / "file", "x");
  EXPECT_EQ(error_here([&] { check_move(data_, folder_ / "file"); }), "data: file: is a file, expected an empty folder or nothing");
  put_file(folder_ / "full/x", "x");
  EXPECT_EQ(error_here([&] { check_move(data_, folder_ / "full"); }),
            "data: full: is not empty, expected an empty folder or nothing; choose another folder");
  put_file(folder_ / "labels.csv", "path,label\n");
  EXPECT_EQ(error_here([&] { check_move(folder_ / "labels.csv", aside_); }),
            "usage: --fix move: " + (folder_ / "labels.csv").string().substr(folder_.path().string().size() + 1) +
                " is a table, whose rows would then name missing files; --fix list names the files: remove their rows from the table");
  fs::create_directories(folder_ / "empty");
  check_move(data_, folder_ / "empty");
  check_move(data_, aside_);
}

TEST_F(Fix, FoldersThatAreNoRecord) {
  fs::create_directories(aside_);
  EXPECT_EQ(error_here([&] { undo(aside_); }), "data: aside: holds no graft-doctor.json, expected the folder of a --fix move");
  put_file(aside_ / "graft-doctor.json", "{}");
  EXPECT_EQ(error_here([&] { undo(aside_); }), "data: aside/graft-doctor.json: is not a record of graft doctor --fix move");
  put_file(aside_ / "graft-doctor.json", R"({"moves": [{"from": "/x", "to": "../../y"}]})");
  EXPECT_EQ(error_here([&] { undo(aside_); }),
            "data: aside/graft-doctor.json: names a file outside of its folder, expected a record of graft doctor --fix move");
}

TEST_F(Fix, WhatIsTaken) {
  Report report;
  report.root = data_;
  for (const std::string name : {"a.txt", "b.txt", "c.txt", "in/d.txt"}) report.photos.push_back({.sample = {data_ / name, 0}, .name = name});
  report.findings = {{.kind = Kind::exact_conflict, .photos = {2, 3}, .text = ""},
                     {.kind = Kind::exact_copies, .photos = {0, 1}, .text = "", .superfluous = {1}},
                     {.kind = Kind::near_copies, .photos = {1, 2}, .text = "", .superfluous = {1, 2}},
                     {.kind = Kind::suspicious_label, .photos = {0}, .text = ""}};
  EXPECT_EQ(moves_of(report, {}), (std::vector<Move>{{data_ / "b.txt", "b.txt", Kind::exact_copies}})) << "not c, which is under two labels";
  EXPECT_TRUE(moves_of(report, take_named("near")).size() == 1) << "near copies go only when they are named: b";
  EXPECT_EQ(moves_of(report, take_named("suspects")), (std::vector<Move>{{data_ / "a.txt", "a.txt", Kind::suspicious_label}}));
  EXPECT_EQ(test::error_of([] { take_named("exact,all"); }), "usage: --take exact,all: 'all', expected some of unreadable, exact, near and suspects");
  report.root = folder_ / "elsewhere";
  EXPECT_EQ(moves_of(report, {}).at(0).to, "elsewhere" / fs::weakly_canonical(data_ / "b.txt").relative_path());
}

}  // namespace
}  // namespace graft::doctor

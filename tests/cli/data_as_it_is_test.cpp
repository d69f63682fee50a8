// Photos as people have them, through the whole program: nothing silently wrong.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/program.h"

namespace graft {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Words = std::vector<std::string>;

class DataAsItIs : public testing::Test {
 protected:
  Finished graft(Words words, const Words& more = {}) {
    words.insert(words.end(), more.begin(), more.end());
    Finished done = run(folder_, words);
    EXPECT_EQ(done.exit_code, 0) << done.err;
    return done;
  }
  Finished fit(const std::string& data, const Words& more = {}) {
    return graft({"fit", data, "--strategy", "head", "--features", "last", "--l2", "1", "--precision", "float32", "--size", "64", "--out", "run"},
                 more);
  }

  TestFolder folder_;
};

TEST_F(DataAsItIs, EvalTakesTheTestPartAndSaysWhatWasTrainedOn) {
  make_photos(folder_ / "photos" / "train", {"across", "down"}, 10);
  for (int i = 10; i < 14; ++i) {
    write_file(folder_ / "photos" / "test" / "across" / (std::to_string(i) + ".bmp"), made_photo(0, i));
    write_file(folder_ / "photos" / "test" / "down" / (std::to_string(i) + ".bmp"), made_photo(1, i));
  }
  fit("photos");
  const Finished tested = graft({"eval", "run", "photos", "-q"});
  EXPECT_TRUE(tested.out.starts_with("the test part of photos, 8 photos\n\n")) << tested.out;
  const json test = json::parse(graft({"eval", "run", "photos", "--json", "-q"}).out);
  EXPECT_EQ(test["part"], "test");
  EXPECT_EQ(test["trained_on"], 0);
  EXPECT_EQ(test["count"], 8);

  const Finished trained = graft({"eval", "run", "photos/train", "-q"});
  EXPECT_TRUE(trained.out.starts_with("16 of 20 were trained on: the numbers below say little about new photos\nall of photos/train, 20 photos\n\n"))
      << trained.out;
  EXPECT_EQ(json::parse(graft({"eval", "run", "photos", "--part", "train", "--json", "-q"}).out)["trained_on"], 16);
  // Copies have other names and the same bytes.
  for (const char* name : {"across", "down"}) fs::create_directories(folder_ / "copy" / name);
  fs::copy_file(folder_ / "photos/test/across/10.bmp", folder_ / "copy/across/new.bmp");
  fs::copy_file(folder_ / "photos/test/down/10.bmp", folder_ / "copy/down/new.bmp");
  EXPECT_EQ(json::parse(graft({"eval", "run", "copy", "--json", "-q"}).out)["trained_on"], 0);
  fs::remove(folder_ / "run" / "trained_on.npy");
  EXPECT_TRUE(json::parse(graft({"eval", "run", "copy", "--json", "-q"}).out)["trained_on"].is_null());
  EXPECT_TRUE(graft({"eval", "run", "copy", "-q"})
                  .out.starts_with("all of copy, 2 photos; whether the model was trained on them is not known: no trained_on.npy next to it\n\n"));
}

TEST_F(DataAsItIs, ARunRemembersWhatTheOneBeforeItWasTrainedOn) {
  make_photos(folder_ / "photos", {"across", "down"}, 6);
  make_photos(folder_ / "others", {"wide", "low", "across", "down"}, 4);  // the first kinds as other classes: the same bytes as some of photos
  fit("photos", {"--val-fraction", "0.5"});
  graft({"fit", "others", "--from", "run", "--strategy", "head", "--features", "last", "--l2", "1", "--precision", "float32", "--out", "next"});
  const auto before = read_file(folder_ / "run" / "trained_on.npy"), after = read_file(folder_ / "next" / "trained_on.npy");
  for (std::size_t row = 128; row < before.size(); row += 16) {
    const std::string_view hash = as_text(before).substr(row, 16);
    EXPECT_NE(as_text(after).find(hash), std::string_view::npos) << row;
  }
}

TEST_F(DataAsItIs, TheSamePhotoTwice) {
  make_photos(folder_ / "photos" / "train", {"across", "down"}, 5);
  make_photos(folder_ / "photos" / "val", {"across", "down"}, 3);
  write_file(folder_ / "photos" / "train" / "down" / "x.bmp", made_photo(0, 0));
  const Finished done = fit("photos");
  EXPECT_NE(done.err.find("the same picture under different labels: 'train/across/0.bmp' (train, across), 'train/down/x.bmp' (train, down) and "
                          "'val/across/0.bmp' (val, across)\n"),
            std::string::npos)
      << done.err;
  EXPECT_NE(
      done.err.find("the same picture in several parts: 'train/across/0.bmp' (train), 'train/down/x.bmp' (train) and 'val/across/0.bmp' (val); and "
                    "5 more such findings\n"),
      std::string::npos)
      << done.err;
  EXPECT_NE(done.out.find("6 of the 6 validation photos are also in training: no others are left to measure; --dedupe takes"), std::string::npos)
      << done.out;
  EXPECT_EQ(json::parse(graft({"eval", "run", "photos", "--part", "train", "--json", "-q"}).out)["under_two_classes"], 2);
  EXPECT_NE(graft({"eval", "run", "photos", "--part", "train"})
                .err.find("the same picture under different labels: 'train/across/0.bmp' (across) "
                          "and 'train/down/x.bmp' (down)\n"),
            std::string::npos);
}

TEST_F(DataAsItIs, LabelsInNames) {
  for (int i = 0; i < 6; ++i) {
    write_file(folder_ / "flat" / ("cat." + std::to_string(i) + ".bmp"), made_photo(0, i));
    write_file(folder_ / "flat" / ("dog." + std::to_string(i) + ".bmp"), made_photo(1, i));
  }
  const Words by_name = {"--label-from-name", "^([a-z]+)\\."};
  fit("flat", by_name);
  EXPECT_EQ(json::parse(graft({"eval", "run", "flat", "--json", "-q"}, by_name).out)["count"], 12);
  graft({"import", "flat", "--out", "flat.csv"}, by_name);
  const auto csv = read_file(folder_ / "flat.csv");
  EXPECT_TRUE(as_text(csv).starts_with("path,label\nflat/cat.0.bmp,cat\nflat/cat.1.bmp,cat\n")) << as_text(csv);
  EXPECT_EQ(json::parse(graft({"eval", "run", "flat.csv", "--json", "-q"}).out)["count"], 12);
  expect_refused(run(folder_, {"import", "flat", "--out", "dir", "--label-from-name", "^([a-z]+)"}), 2,
                 "--out dir: expected a .csv: photos stay where they are, only paths and labels are written");
}

TEST_F(DataAsItIs, GroupsAreNeverDivided) {
  for (int patient = 0; patient < 8; ++patient)
    for (int i = 0; i < 3; ++i)
      write_file(folder_ / "photos" / (patient % 2 == 0 ? "ill" : "well") / ("p" + std::to_string(patient) + "_" + std::to_string(i) + ".bmp"),
                 made_photo(patient % 2, 3 * patient + i));
  const Finished done = fit("photos", {"--group-from-name", "^p(\\d)"});
  EXPECT_NE(done.err.find("groups by --group-from-name, never divided: 8 of 24 photos\n"), std::string::npos) << done.err;
  const auto csv = read_file(folder_ / "run" / "predictions.csv");
  for (const char* patient : {"p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7"}) {
    std::size_t rows = 0, at = 0;
    for (; (at = as_text(csv).find(patient, at)) != std::string_view::npos; ++at) ++rows;
    EXPECT_TRUE(rows == 0 || rows == 3) << patient << " " << rows;
  }
}

TEST_F(DataAsItIs, PredictAndEmbedSayWhatTheyLeaveOut) {
  make_photos(folder_ / "photos", {"across", "down"}, 4);
  fit("photos");
  for (const char* name : {"a.tga", "b.tga", "c.TXT"}) write_file(folder_ / "photos" / "down" / name, std::string_view("x"));
  const std::string note = "files ignored, not images by name: 2 .tga, 1 .txt\n";
  EXPECT_NE(graft({"predict", "run", "photos"}).err.find(note), std::string::npos);
  const Finished predicted = graft({"predict", "run", "photos", "--json", "-q"});
  EXPECT_TRUE(predicted.out.ends_with("\n{\"left_out\":{\"files\":3,\"kinds\":{\"tga\":2,\"txt\":1},\"reason\":\"not images by their names\"}}\n"))
      << predicted.out;
  const Finished embedded = graft({"embed", "photos", "--out", "f.npy", "--size", "64", "--json"});
  EXPECT_NE(embedded.err.find(note), std::string::npos);
  EXPECT_EQ(json::parse(embedded.out)["left_out"]["files"], 3);
}

}  // namespace
}  // namespace graft

// `graft doctor`: what it says, what it moves, and how it is undone.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/program.h"
#include "doctor/scenes.h"

namespace graft {
namespace {

namespace fs = std::filesystem;

class Doctor : public testing::Test {
 protected:
  Doctor() {
    for (int i = 0; i < 24; ++i) {
      if (i >= 12 && i < 20) continue;
      for (int kind = 0; kind < 2; ++kind)
        put(fmt::format("{}/{}/{}.bmp", i < 12 ? "train" : "val", kind == 0 ? "across" : "down", i), photo(kind, i));
    }
    put("train/down/leak.bmp", photo(1, 21));
    put("train/across/broken.bmp", photo(0, 50).substr(0, 500));
  }

  static std::string photo(int kind, int number) { return doctor::bmp_of(doctor::scene(100 * kind + number, 96, 80)); }
  void put(const std::string& name, const std::string& content) const { doctor::put_file(folder_ / ("photos/" + name), content); }

  Finished doctor(std::vector<std::string> words) const {
    words.insert(words.begin(), "doctor");
    words.push_back("--no-features");
    return run(folder_, words);
  }
  TestFolder folder_;
};

TEST_F(Doctor, SaysWhatWasFoundAndWhatToDo) {
  const Finished done = doctor({"photos", "--quiet"});
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_EQ(done.err, "");
  EXPECT_TRUE(done.out.starts_with("photos: 34 photos of 2 classes: train 26, val 8\n\nerror: cannot be read\n  'train/across/broken.bmp': "))
      << done.out;
  EXPECT_NE(done.out.find("'train/down/leak.bmp' (train) and 'val/down/21.bmp' (val)"), std::string::npos) << done.out;
  EXPECT_NE(done.out.find("  -> "), std::string::npos);
}

TEST_F(Doctor, ExitCodesForScripts) {
  EXPECT_EQ(doctor({"photos", "-q", "--fail-on", "error"}).exit_code, 1);
  EXPECT_EQ(doctor({"photos", "-q", "--fail-on", "warning"}).exit_code, 1);
  fs::remove(folder_ / "photos/train/down/leak.bmp");
  fs::remove(folder_ / "photos/train/across/broken.bmp");
  EXPECT_EQ(doctor({"photos", "-q", "--fail-on", "warning"}).exit_code, 0);
}

TEST_F(Doctor, WritesJsonAndCsv) {
  const Finished done = doctor({"photos", "--json", "-q", "--csv", "findings.csv", "--fix", "list"});
  const nlohmann::json json = nlohmann::json::parse(done.out);
  EXPECT_EQ(json.at("errors"), 2);
  EXPECT_EQ(json.at("findings").at(1).at("kind"), "exact-leak");
  EXPECT_EQ(json.at("findings").at(1).at("superfluous"), nlohmann::json({"photos/train/down/leak.bmp"}));
  EXPECT_EQ(json.at("fix").at("moved"), false);
  EXPECT_EQ(json.at("fix").at("files").size(), 2U);
  const auto csv = read_file(folder_ / "findings.csv");
  EXPECT_NE(as_text(csv).find("2,exact-leak,error,photos/train/down/leak.bmp,train,down,"), std::string::npos) << as_text(csv);
  expect_refused(doctor({"photos", "-q", "--csv", "findings.csv"}), 1, "findings.csv: already exists; choose another --csv or pass --force");
}

TEST_F(Doctor, NearCopiesHaveTheirSimilarity) {
  put("train/down/mirrored.bmp", doctor::bmp_of(doctor::laid(doctor::scene(103, 96, 80), {.mirrored = true})));
  put("train/across/turned.bmp", doctor::bmp_of(doctor::noisy(doctor::laid(doctor::scene(104, 96, 80), {true, true, false}), 6, 1)));
  const nlohmann::json findings = nlohmann::json::parse(doctor({"photos", "--json", "-q"}).out).at("findings");
  const auto of = [&](const std::string& kind) { return *std::ranges::find_if(findings, [&](const auto& f) { return f.at("kind") == kind; }); };
  const nlohmann::json copies = of("near-copies"), conflict = of("near-conflict");
  EXPECT_TRUE(copies.at("text").get<std::string>().ends_with("(similarity 1.000, mirrored)")) << copies;
  EXPECT_EQ(copies.at("superfluous").size(), 1U);
  EXPECT_TRUE(conflict.at("text").get<std::string>().ends_with(", rotated by 90 degrees)")) << conflict;
  EXPECT_LT(conflict.at("score"), 1);
  EXPECT_EQ(doctor({"photos", "--copy-threshold", "1.5", "-q"}).exit_code, 2);
}

TEST_F(Doctor, MovesAwayAndPutsBack) {
  const Finished moved = doctor({"photos", "--fix", "move", "aside", "-q"});
  EXPECT_EQ(moved.exit_code, 0) << moved.err;
  EXPECT_TRUE(
      moved.out.ends_with("\nunreadable  photos/train/across/broken.bmp\nexact-leak  photos/train/down/leak.bmp\n2 files are in aside; put them back "
                          "with: graft doctor --undo aside\n"))
      << moved.out;
  EXPECT_TRUE(fs::exists(folder_ / "aside/train/down/leak.bmp"));
  EXPECT_FALSE(fs::exists(folder_ / "photos/train/down/leak.bmp"));
  EXPECT_EQ(doctor({"photos", "-q", "--fail-on", "warning"}).exit_code, 0);
  const Finished back = doctor({"--undo", "aside"});
  EXPECT_EQ(back.exit_code, 0);
  EXPECT_EQ(back.out, "2 files are back\n");
  EXPECT_TRUE(fs::exists(folder_ / "photos/train/down/leak.bmp"));
  EXPECT_FALSE(fs::exists(folder_ / "aside"));
}

TEST_F(Doctor, MistakesGetTheNextStep) {
  expect_refused(doctor({}), 2, "data: missing; usage: graft doctor DATA [options]");
  expect_refused(doctor({"photos", "other"}), 2, "other: is a second folder, which only --fix move needs; graft doctor DATA --fix move DIR");
  expect_refused(doctor({"photos", "--fix", "move"}), 2, "--fix move: needs a folder to move files into; usage: graft doctor DATA --fix move DIR");
  expect_refused(doctor({"photos", "--fix", "move", "photos/aside"}), 1,
                 "photos/aside: is inside the data set, where its photos would be read again; choose a folder outside of it");
  expect_refused(doctor({"photos", "--undo", "aside"}), 2,
                 "--undo: puts back what a --fix moved, and does nothing else; usage: graft doctor --undo DIR");
  expect_refused(doctor({"--undo", "photos"}), 1, "photos: holds no graft-doctor.json, expected the folder of a --fix move");
  expect_refused(doctor({"photso"}), 1, "photso: no such file or folder; did you mean 'photos'?");
  expect_refused(doctor({"photos", "--fix", "list", "--take", "all"}), 2, "--take all: 'all', expected some of unreadable, exact, near and suspects");
}

TEST_F(Doctor, FoldersWithoutPhotos) {
  fs::create_directories(folder_ / "empty");
  fs::create_directories(folder_ / "classes/ant");
  EXPECT_EQ(doctor({"empty"}).exit_code, 1);
  EXPECT_EQ(doctor({"classes"}).exit_code, 1);
  EXPECT_EQ(doctor({"photos/train/down"}).exit_code, 1);
}

/// A leak is said beside the accuracy, and recorded once.
TEST_F(Doctor, FitSaysWhatWasLeaked) {
  put("train/across/again.bmp", photo(0, 22) + "x");  // the same pixels in other bytes
  put("train/across/near.bmp", doctor::bmp_of(doctor::noisy(doctor::scene(23, 96, 80), 6, 1)));
  const std::vector<std::string> words = {"fit", "photos", "--strategy", "head", "--precision", "float32", "--skip-unreadable"};
  const auto fit = [&](std::vector<std::string> more) {
    more.insert(more.begin(), words.begin(), words.end());
    return run(folder_, more);
  };
  const auto json_of = [&](const char* file) { return nlohmann::json::parse(as_text(read_file(folder_ / file))); };
  const Finished leaky = fit({"--out", "leaky"});
  ASSERT_EQ(leaky.exit_code, 0) << leaky.err;
  EXPECT_NE(leaky.out.find("3 of the 8 validation photos are also in training (1 of them almost): without them the accuracy is "), std::string::npos)
      << leaky.out;
  EXPECT_NE(leaky.out.find(" %; --dedupe-near takes the copies out of"), std::string::npos) << leaky.out;
  EXPECT_NE(leaky.err.find("almost the same picture in several parts: 'train/across/near.bmp' (train) and 'val/across/23.bmp' (val) (similarity 0."),
            std::string::npos)
      << leaky.err;
  EXPECT_NE(leaky.err.find("all of it, and what to do: graft doctor photos"), std::string::npos) << leaky.err;
  const nlohmann::json evaluation = json_of("leaky/eval.json"), leaked = evaluation.at("leaked");
  EXPECT_EQ(leaked.at("exact"), 2);
  EXPECT_EQ(leaked.at("near"), 1);
  const double right = 5 * leaked.at("accuracy_without").get<double>();  // of the others
  EXPECT_NEAR(right, std::round(right), 1e-9);
  EXPECT_FALSE(json_of("leaky/doctor.json").contains("leaked"));
  EXPECT_EQ(json_of("leaky/doctor.json").at("findings").at(1).at("photos").at(0), "../photos/train/down/leak.bmp");

  const Finished exact = fit({"--out", "exact", "--dedupe", "--json"});
  EXPECT_NE(exact.err.find("--dedupe: 2 copies are left out of training, 2 of which are also in validation; 26 training photos remain"),
            std::string::npos)
      << exact.err;
  const nlohmann::json said = nlohmann::json::parse(exact.out);
  EXPECT_EQ(said.at("evaluation"), json_of("exact/eval.json"));
  EXPECT_EQ(said.at("evaluation").at("leaked").at("exact"), 0);
  EXPECT_EQ(said.at("evaluation").at("leaked").at("near"), 1) << "near copies are left out only when they are named";
  EXPECT_EQ(json_of("exact/doctor.json").at("left_out"), nlohmann::json({"../photos/train/across/again.bmp", "../photos/train/down/leak.bmp"}));

  const Finished mended = fit({"--out", "mended", "--dedupe-near"});
  EXPECT_NE(mended.err.find("--dedupe-near: 3 copies are left out of training, 3 of which are also in validation; 25 training photos remain"),
            std::string::npos)
      << mended.err;
  EXPECT_EQ(mended.out.find("also in training"), std::string::npos) << mended.out;
  EXPECT_FALSE(json_of("mended/eval.json").contains("leaked"));
  EXPECT_EQ(json_of("mended/doctor.json").at("left_out").size(), 3U);
  EXPECT_TRUE(fs::exists(folder_ / "photos/train/down/leak.bmp"));
}

/// What a set has in common does not make copies: it is said as what it is, and nothing is to go.
TEST_F(Doctor, PhotosThatAllLookAlike) {
  const image::Image common = doctor::scene(1, 96, 80);
  const auto cell = [&](int number) {
    image::Image picture = common;
    const image::Image own = doctor::scene(number, 96, 80);
    for (std::size_t i = 0; i < picture.pixels.size(); ++i) picture.pixels[i] = static_cast<uint8_t>((9 * picture.pixels[i] + own.pixels[i]) / 10);
    return picture;
  };
  for (int i = 0; i < 70; ++i)
    doctor::put_file(folder_ / fmt::format("cells/{}/{}/{}.bmp", i % 5 == 0 ? "val" : "train", i % 2 == 0 ? "good" : "bad", i),
                     doctor::bmp_of(cell(100 + i)));
  doctor::put_file(folder_ / "cells/val/bad/neighbour.bmp", doctor::bmp_of(doctor::noisy(cell(122), 1.5, 1)));
  const Finished done = doctor({"cells", "--fail-on", "warning", "--fix", "list", "--take", "exact,near"});
  EXPECT_EQ(done.exit_code, 0) << done.out;
  EXPECT_NE(done.out.find("note: photos that look alike, in a data set where many do\n  2 photos look alike, and may be neighbors in a series: "
                          "'train/good/22.bmp' (train, good) and 'val/bad/neighbour.bmp' (val, bad) (similarity 0.9"),
            std::string::npos)
      << done.out;
  EXPECT_TRUE(done.out.ends_with("no file can be removed\n")) << done.out;
  const Finished fit = run(folder_, {"fit", "cells", "--strategy", "head", "--precision", "float32", "--out", "run"});
  ASSERT_EQ(fit.exit_code, 0) << fit.err;
  EXPECT_NE(fit.err.find("2 photos look alike, and may be neighbors in a series: 'train/good/22.bmp' (train, good) and "), std::string::npos)
      << fit.err;
  EXPECT_EQ(fit.out.find("also in training"), std::string::npos) << fit.out;
}

}  // namespace
}  // namespace graft

// `graft fit --unlabeled` by the real program: photos without labels, and what it refuses.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/program.h"

namespace graft {
namespace {

using nlohmann::json;
using Words = std::vector<std::string>;

/// photos/: two kinds, 12 of each; more/: 20 without labels, in folders of which one is named as a class.
class Unlabeled : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    made_ = new TestFolder;
    make_photos(*made_ / "photos", {"across", "down"}, 12);
    for (int i = 0; i < 10; ++i)
      for (const int kind : {0, 1})
        write_file(*made_ / "more" / (i % 2 == 0 ? "monday" : "across") / (std::to_string(kind) + std::to_string(i) + ".bmp"),
                   made_photo(kind, 100 + i));
  }
  static void TearDownTestSuite() {
    delete made_;
    made_ = nullptr;
  }
  static Finished fit(const Words& more) {
    Words words{"fit", "photos", "--size", "64", "--features", "last"};
    words.insert(words.end(), more.begin(), more.end());
    return run(*made_, words);
  }
  static json json_of(const std::string& file) { return json::parse(as_text(read_file(*made_ / file))); }
  static void expect_error(const Words& more, int exit_code, const std::string& line) { expect_failed(*made_, fit(more), exit_code, line); }

  inline static TestFolder* made_ = nullptr;
};

TEST_F(Unlabeled, ANamedMethodIsUsed) {
  const Finished done = fit({"--unlabeled", "more", "--semi", "pseudo-labels", "--out", "run"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_NE(done.err.find("more: 20 photos without labels; folders are named as 1 of the classes, but their names are not used\n"), std::string::npos)
      << done.err;
  EXPECT_NE(done.out.find("\n20 photos without labels: learned from\n"), std::string::npos) << done.out;
  EXPECT_NE(done.out.find("\npseudo-labels by class (training photos): across 50 % (50 %), down 50 % (50 %)\n"), std::string::npos) << done.out;
  const json found = json_of("run/history.json")["unlabeled"];
  EXPECT_EQ(found["photos"], 20);
  EXPECT_NE(found["chosen"], "none");
  EXPECT_EQ(found["reason"].get<std::string>().find("you asked for it; "), 0U);
  EXPECT_EQ(found["judges"], "held-out training photos");
  EXPECT_EQ(found["judged_on"], 20);  // 2 of each kind validate
  ASSERT_EQ(found["ways"].size(), 3U);
  for (const int way : {1, 2}) EXPECT_EQ(found["ways"][way]["pseudo_labels"], (std::vector<int>{10, 10}));
  // Its record repeats it, and a run without these photos is another.
  const Finished again = run(*made_, {"fit", "--config", "run/config.toml", "--out", "again", "-q"});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(as_text(read_file(*made_ / "again/model.onnx")), as_text(read_file(*made_ / "run/model.onnx")));
  const Finished plain = fit({"--strategy", "head", "--out", "plain", "-q"});
  ASSERT_EQ(plain.exit_code, 0) << plain.err;
  EXPECT_NE(as_text(read_file(*made_ / "plain/weights.safetensors")), as_text(read_file(*made_ / "run/weights.safetensors")));
  EXPECT_FALSE(json_of("plain/history.json").contains("unlabeled"));
  const auto hashes = [](const char* name) { return (read_file(*made_ / name / "trained_on.npy").size() - 128) / 16; };
  EXPECT_EQ(hashes("plain"), 20U);
  EXPECT_EQ(hashes("run"), 40U) << "of the photos without labels, too";
}

TEST_F(Unlabeled, AutoTakesTheHeadAloneUnlessTheyHelp) {
  // With labels that say nothing, nothing can be learned of the other photos either.
  const TestFolder noisy;
  make_noise(noisy / "photos", 20);
  for (int i = 0; i < 20; ++i) write_file(noisy / "more" / (std::to_string(i) + ".bmp"), made_photo(i % 2, 100 + i));
  const Words words{"fit", "photos", "--size", "64", "--features", "last", "--strategy", "head"};
  Words with = words, without = words;
  with.insert(with.end(), {"--unlabeled", "more", "--out", "with", "-q"});
  without.insert(without.end(), {"--out", "without", "-q"});
  ASSERT_EQ(run(noisy, with).exit_code, 0);
  ASSERT_EQ(run(noisy, without).exit_code, 0);
  const json found = json::parse(as_text(read_file(noisy / "with/history.json")))["unlabeled"];
  EXPECT_EQ(found["chosen"], "none") << found.dump(1);
  EXPECT_NE(found["reason"].get<std::string>().find("; not better"), std::string::npos);
  EXPECT_EQ(as_text(read_file(noisy / "with/predictions.csv")), as_text(read_file(noisy / "without/predictions.csv")));
}

TEST_F(Unlabeled, LeavesTrainingPhotosAndUnreadableOnesOut) {
  for (int i = 0; i < 20; ++i) write_file(*made_ / "mixed" / (std::to_string(i) + ".bmp"), made_photo(i % 2, 300 + i));
  for (int i = 0; i < 12; ++i) {  // whichever of them train
    if (i % 6 == 0) continue;
    write_file(*made_ / "fixed/train/across" / (std::to_string(i) + ".bmp"), made_photo(0, i));
    write_file(*made_ / "fixed/train/down" / (std::to_string(i) + ".bmp"), made_photo(1, i));
  }
  for (const int i : {0, 6}) {
    write_file(*made_ / "fixed/val/across" / (std::to_string(i) + ".bmp"), made_photo(0, i));
    write_file(*made_ / "fixed/val/down" / (std::to_string(i) + ".bmp"), made_photo(1, i));
  }
  write_file(*made_ / "mixed/a.bmp", made_photo(0, 1));
  write_file(*made_ / "mixed/b.bmp", made_photo(1, 2));
  write_file(*made_ / "mixed/c.bmp", std::string("BM nothing"));
  const Words words{"fit", "fixed", "--size", "64", "--strategy", "head", "--unlabelled", "mixed", "--out", "apart"};
  const Finished refused = run(*made_, words);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_EQ(last_line(refused).find("graft: mixed: 1 of 21 photos cannot be read"), 0U) << last_line(refused);
  Words skipping = words;
  skipping.emplace_back("--skip-unreadable");
  const Finished done = run(*made_, skipping);
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_NE(done.err.find("mixed: 2 of 23 photos are also training photos, which have labels: left out\n"), std::string::npos) << done.err;
  const json found = json_of("apart/history.json")["unlabeled"];
  EXPECT_EQ(found["photos"], 20);
  EXPECT_EQ(found["in_training"], 2);
  // Of the validation photos none may be there.
  write_file(*made_ / "mixed/d.bmp", made_photo(1, 6));
  Words elsewhere = skipping;
  elsewhere[elsewhere.size() - 2] = "leaked";
  const Finished leaked = run(*made_, elsewhere);
  EXPECT_EQ(leaked.exit_code, 1);
  EXPECT_EQ(
      last_line(leaked),
      "graft: --unlabeled mixed: 1 of its 24 photos is also a validation photo, such as mixed/d.bmp; take these out of one of them: a model that has "
      "learned from a photo must not be measured on it\n");
}

TEST_F(Unlabeled, RefusesWhatCannotBeLearnedFrom) {
  expect_error({"--semi", "fixmatch"}, 2, "--semi: says how to learn from photos without labels; give --unlabeled PHOTOS, too");
  expect_error({"--unlabeled", "more", "--semi", "magic"}, 2, "--semi magic: expected auto, fixmatch or pseudo-labels");
  expect_error({"--unlabeled", "more", "--strategy", "head", "--semi", "fixmatch"}, 2,
               "--semi fixmatch: trains by steps, but --strategy head is solved; choose --semi pseudo-labels, or --strategy full");
  expect_error({"--unlabeled", "more", "--reweight-to", "more"}, 2,
               "--reweight-to: weights training photos, and --unlabeled adds photos to them; omit it, or omit --unlabeled");
  expect_error({"--unlabeled", "nowhere"}, 1, "nowhere: no such file or folder");
  std::filesystem::create_directories(*made_ / "empty");
  expect_error({"--unlabeled", "empty"}, 1, "empty: holds no photos, expected JPEG, PNG, WebP, BMP, TIFF, GIF, HEIC, AVIF, JPEG 2000 or DICOM files");
  for (int i = 0; i < 16; ++i) write_file(*made_ / "broken" / (std::to_string(i) + ".bmp"), std::string("BM nothing"));
  expect_error({"--unlabeled", "broken", "--skip-unreadable"}, 1,
               "--unlabeled broken: 0 photos that can be read and are no training photos, expected at least 16; give other photos, or omit it");
  write_file(*made_ / "few/0.bmp", made_photo(0, 200));
  expect_error({"--unlabeled", "few"}, 1, "--unlabeled few: holds 1 photo, expected at least 16; give more photos, or omit it");
  expect_error(
      {"--unlabeled", "photos"}, 1,
      "--unlabeled photos: 4 of its 24 photos are also validation photos, such as photos/across/4.bmp; take these out of one of them: a model "
      "that has learned from a photo must not be measured on it");
  std::string csv = "path,label\n";
  for (int i = 0; i < 12; ++i) csv += "photos/across/" + std::to_string(i) + ".bmp," + (i % 3 == 0 ? "a" : i % 3 == 1 ? "b" : "\"a;b\"") + "\n";
  write_file(*made_ / "several.csv", csv);
  const Finished several = run(*made_, {"fit", "several.csv", "--unlabeled", "more"});
  EXPECT_EQ(several.exit_code, 2);
  EXPECT_EQ(last_line(several), "graft: --unlabeled more: is for photos of one class each, but some of these have several; omit it\n");
}

}  // namespace
}  // namespace graft

// `graft adapt` by the real program: a run that is adapted and measured, and what it refuses.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/program.h"

namespace graft {
namespace {

using nlohmann::json;
using Words = std::vector<std::string>;

/// A photo of that kind as another camera takes it: darker, of another shape.
std::string elsewhere(int kind, int number) {
  std::string photo = made_photo(kind, number, 72, 90);
  for (std::size_t i = 54; i < photo.size(); ++i) photo[i] = static_cast<char>(static_cast<unsigned char>(photo[i]) / 3 + 10);
  return photo;
}

/// photos/: two kinds, 12 of each; other/: 20 from elsewhere in folders of other names; test/: labelled, of one kind 6.
class Adapt : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    made_ = new TestFolder;
    make_photos(*made_ / "photos", {"across", "down"}, 12);
    for (int i = 0; i < 10; ++i)
      for (const int kind : {0, 1})
        write_file(*made_ / "other" / (i % 2 == 0 ? "monday" : "tuesday") / (std::to_string(kind) + std::to_string(i) + ".bmp"),
                   elsewhere(kind, 100 + i));
    for (int i = 0; i < 6; ++i) {
      write_file(*made_ / "test/across" / (std::to_string(i) + ".bmp"), elsewhere(0, 200 + i));
      write_file(*made_ / "both/across" / (std::to_string(i) + ".bmp"), elsewhere(0, 300 + i));
      write_file(*made_ / "both/down" / (std::to_string(i) + ".bmp"), elsewhere(1, 300 + i));
    }
  }
  static void TearDownTestSuite() {
    delete made_;
    made_ = nullptr;
  }
  static Finished adapt(const Words& more) {
    Words words{"adapt", "--size", "64", "--features", "last"};
    words.insert(words.end(), more.begin(), more.end());
    return run(*made_, words);
  }
  static json json_of(const std::string& file) { return json::parse(as_text(read_file(*made_ / file))); }
  static void expect_error(const Words& more, int exit_code, const std::string& line) { expect_failed(*made_, adapt(more), exit_code, line); }

  inline static TestFolder* made_ = nullptr;
};

TEST_F(Adapt, IsARunOfItsOwn) {
  const Finished done = adapt({"--source", "photos", "--target", "other", "--target-test", "both", "--method", "coral", "--out", "run"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_NE(done.err.find("other: 20 photos of the target, used without labels; the names of their folders are not read\n"), std::string::npos)
      << done.err;
  EXPECT_NE(done.out.find("photos of the source\n"), std::string::npos) << done.out;
  EXPECT_NE(done.out.find("\non the 12 test photos of the target\n"), std::string::npos) << done.out;
  EXPECT_NE(done.out.find("\nchosen: coral (you asked for it)\n"), std::string::npos) << done.out;
  const json found = json_of("run/history.json")["adaptation"];
  EXPECT_EQ(found["chosen"], "coral");
  EXPECT_EQ(found["target_photos"], 20);
  ASSERT_EQ(found["methods"].size(), 2U);
  EXPECT_EQ(found["methods"][0]["method"], "none");
  EXPECT_EQ(found["target_test"]["count"], 12);
  // The written model says to the test photos what the record has of them.
  const json evaluated = json::parse(run(*made_, {"eval", "run", "both", "--json"}).out);
  EXPECT_EQ(evaluated["accuracy"], found["target_test"]["accuracy"]);
  EXPECT_EQ(found["methods"][1]["target_accuracy"], found["target_test"]["accuracy"]);
  EXPECT_TRUE(std::filesystem::exists(*made_ / "run/target_predictions.csv"));
  EXPECT_EQ(as_text(read_file(*made_ / "run/config.toml")).find("target-test = \"\""), std::string::npos);
  // Its record repeats it.
  const Finished again = run(*made_, {"adapt", "--config", "run/config.toml", "--out", "again", "-q"});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(as_text(read_file(*made_ / "again/model.onnx")), as_text(read_file(*made_ / "run/model.onnx")));
}

TEST_F(Adapt, NoneIsTheModelOfFit) {
  const Finished plain = adapt({"--source", "photos", "--target", "other", "--method", "none", "--out", "none", "-q"});
  ASSERT_EQ(plain.exit_code, 0) << plain.err;
  const Finished fit = run(*made_, {"fit", "photos", "--size", "64", "--features", "last", "--strategy", "head", "--precision", "float32",
                                    "--calibrate", "none", "--reject", "none", "--out", "fit", "-q"});
  ASSERT_EQ(fit.exit_code, 0) << fit.err;
  EXPECT_EQ(as_text(read_file(*made_ / "none/predictions.csv")), as_text(read_file(*made_ / "fit/predictions.csv")));
}

TEST_F(Adapt, ClassesOfTheTestAreTheSourcesByName) {
  const Finished done = adapt({"--source", "photos", "--target", "other", "--target-test", "test", "--method", "none", "--out", "partial"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_NE(done.err.find("test: no photo of 1 of the source's 2 classes: 'down'\n"), std::string::npos) << done.err;
  make_photos(*made_ / "unknown", {"across", "dwon"}, 2);
  expect_error({"--source", "photos", "--target", "other", "--target-test", "unknown"}, 1,
               "unknown: class 'dwon' is not a class of the model ('across', 'down'); did you mean 'down'?");
}

TEST_F(Adapt, RefusesWhatCannotBeAdapted) {
  expect_error({"--target", "other"}, 2, "--source: missing; usage: graft adapt --source DATA --target PHOTOS");
  expect_error({"--source", "photos"}, 2, "--target: missing; usage: graft adapt --source DATA --target PHOTOS");
  expect_error({"--source", "photos", "--target", "other", "--method", "magic"}, 2,
               "--method magic: expected auto, none, coral, adabn, mcc, dan, deep-coral, dann, cdan, confusion, shot or cyclegan");
  expect_error({"--source", "photos", "--target", "other", "--strategy", "full", "--method", "coral"}, 2,
               "--strategy full: trains by steps, and this method solves the head; omit it");
  expect_error({"--source", "photos", "--target", "other", "--epochs", "5", "--method", "none"}, 2,
               "--epochs 5: is for a method that trains by steps; choose one, such as --method mcc, or omit it");
  expect_error({"--source", "photos", "--target", "other", "--trade-off", "2", "--method", "adabn"}, 2,
               "--trade-off 2: is for a method that trains by steps; choose one, such as --method mcc, or omit it");
  expect_error({"--source", "photos", "--target", "other", "--mcc-temperature", "2", "--method", "dann"}, 2,
               "--mcc-temperature: is for --method mcc; omit it");
  expect_error({"--source", "photos", "--target", "other", "--pseudo-label-weight", "1", "--strategy", "head"}, 2,
               "--pseudo-label-weight: is for --method shot; omit it");
  expect_error({"--source", "photos", "--target", "other", "--hidden", "16"}, 2, "--hidden: has no part in an adaptation; omit it");
  expect_error({"--source", "photos", "--target", "other", "--method", "dann", "--strategy", "scratch"}, 2,
               "--strategy scratch: begins at random, and what is adapted is a pretrained network; choose head, partial or full");
  expect_error({"--source", "photos", "--target", "other", "--method", "dann", "--begin", "zero"}, 2,
               "--begin: a bottleneck and the layer on it begin at random; omit it");
  expect_error({"--source", "photos", "--target", "other", "--method", "dann", "--trade-off", "-1"}, 2, "--trade-off -1: expected at least 0");
  expect_error(
      {"--source", "photos", "--target", "test/across"}, 1,
      "--target test/across: holds 6 photos, expected at least 16 to adapt to; give more photos; without them, graft fit trains on the source alone");
  std::filesystem::create_directories(*made_ / "empty");
  expect_error({"--source", "photos", "--target", "empty"}, 1,
               "empty: holds no photos, expected JPEG, PNG, WebP, BMP, TIFF, GIF, HEIC, AVIF, JPEG 2000 or DICOM files");
}

TEST_F(Adapt, RefusesPhotosOfTheSource) {
  for (int i = 0; i < 20; ++i) write_file(*made_ / "mixed" / (std::to_string(i) + ".bmp"), i < 18 ? elsewhere(0, 400 + i) : made_photo(0, i - 18));
  expect_error({"--source", "photos", "--target", "mixed"}, 1,
               "--target mixed: 2 of its 20 photos are also in the source photos, such as mixed/18.bmp; source and target are different photos: take "
               "these out of one of "
               "them");
  expect_error(
      {"--source", "photos", "--target", "other", "--target-test", "photos"}, 1,
      "--target-test photos: 24 of its 24 photos are also in the source photos, such as photos/across/0.bmp; source and target are different photos: "
      "take these out of one of them");
}

TEST_F(Adapt, SaysWhatOfTheTestWasAdaptedTo) {
  for (int i = 0; i < 8; ++i) {
    write_file(*made_ / "seen/across" / (std::to_string(i) + ".bmp"), elsewhere(0, 600 + i));
    write_file(*made_ / "seen/across" / (std::to_string(100 + i) + ".bmp"), elsewhere(0, 700 + i));
  }
  write_file(*made_ / "test-seen/across/0.bmp", elsewhere(0, 600));
  write_file(*made_ / "test-seen/across/1.bmp", elsewhere(0, 900));
  const Finished done = adapt({"--source", "photos", "--target", "seen", "--target-test", "test-seen", "--method", "none", "--out", "overlap"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const std::string warning =
      "1 of the 2 photos of --target-test are also in --target: for these the accuracy by labels is that of photos that were adapted to, not of new "
      "ones";
  EXPECT_NE(done.out.find("warning: " + warning + "\n"), std::string::npos) << done.out;
  const json found = json_of("overlap/history.json")["adaptation"];
  EXPECT_EQ(found["target_test_in_target"], 1);
  EXPECT_NE(std::ranges::find(found["warnings"], json(warning)), found["warnings"].end());
  EXPECT_EQ(found["always"][0]["class"], "across");
  EXPECT_EQ(found["always"][0]["target_accuracy"], 1) << "both test photos are of the class that comes first of two as large";
}

TEST_F(Adapt, DrawsThePhotosBeforeAndAfter) {
  const auto map_of = [](const std::string& method) {
    const Finished done = adapt({"--source", "photos", "--target", "other", "--method", method, "--out", "map-" + method, "-q"});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    return json_of("map-" + method + "/features_map.json");
  };
  const json none = map_of("none"), coral = map_of("coral");
  EXPECT_EQ(coral["classes"], json({"across", "down"}));
  ASSERT_EQ(coral["points"].size(), coral["photos"]["source"].get<std::size_t>() + 20);
  EXPECT_EQ(coral["same_axes"], true);
  double apart_before = 0, apart_after = 0;
  for (std::size_t i = 0; i < coral["points"].size(); ++i) {
    const json& point = coral["points"][i];
    ASSERT_EQ(point.size(), 6U);
    ASSERT_EQ(none["points"][i].size(), 4U) << "the source's own head has no after";
    const double side = point[0] == 0 ? 1.0 / coral["photos"]["source"].get<double>() : -1.0 / 20;
    for (const int axis : {0, 1})
      apart_before += side * point[static_cast<std::size_t>(2 + axis)].get<double>(),
          apart_after += side * point[static_cast<std::size_t>(4 + axis)].get<double>();
    for (std::size_t at = 2; at < 6; ++at) EXPECT_LE(std::abs(point[at].get<double>()), 1);
  }
  EXPECT_GT(std::abs(apart_before), 0.2) << "the photos are darker";
  EXPECT_LT(std::abs(apart_after), 0.01) << "coral gives the source the mean of the target";
}

TEST_F(Adapt, PhotosThatCannotBeReadAreNamedOrSkipped) {
  for (int i = 0; i < 16; ++i) write_file(*made_ / "broken" / (std::to_string(i) + ".bmp"), elsewhere(i % 2, 500 + i));
  write_file(*made_ / "broken/x.bmp", "BM");
  const Finished refused = adapt({"--source", "photos", "--target", "broken", "--method", "none"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(last_line(refused).find("broken"), std::string::npos) << refused.err;
  const Finished skipped = adapt({"--source", "photos", "--target", "broken", "--method", "none", "--skip-unreadable", "--out", "skipped"});
  ASSERT_EQ(skipped.exit_code, 0) << skipped.err;
  EXPECT_EQ(json_of("skipped/history.json")["adaptation"]["target_photos"], 16);
  std::filesystem::remove(*made_ / "broken/0.bmp");
  const Finished few = adapt({"--source", "photos", "--target", "broken", "--method", "none", "--skip-unreadable"});
  EXPECT_EQ(last_line(few), "graft: --target broken: has 15 photos that can be read, expected at least 16 to adapt to; repair them or add some\n");
}

}  // namespace
}  // namespace graft

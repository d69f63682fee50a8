// What a model says of photos that it does not know, and of photos that have changed since: predict, eval --ood, drift.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/program.h"
#include "graft/artifact/model.h"

namespace graft {
namespace {

using nlohmann::json;
using Words = std::vector<std::string>;

/// A head of two kinds of made photos, with 20 of them for validation; pictures of one colour as strangers.
class Strangers : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    made_ = new TestFolder;
    make_photos(*made_ / "photos/train", {"across", "down"}, 12);
    for (int i = 0; i < 10; ++i) {
      write_file(*made_ / "photos/val/across" / (std::to_string(i) + ".bmp"), made_photo(0, 50 + i));
      write_file(*made_ / "photos/val/down" / (std::to_string(i) + ".bmp"), made_photo(1, 50 + i));
    }
    for (int i = 0; i < 12; ++i) {
      const std::vector<uint8_t> flat(static_cast<std::size_t>(80 * 60 * 3), static_cast<uint8_t>(20 * i));
      write_file(*made_ / "flat" / (std::to_string(i) + ".bmp"), bmp(flat, 80, 60));
    }
    std::filesystem::create_directories(*made_ / "none");
    fit_ = run(*made_, with({"--out", "run"}));
  }
  static void TearDownTestSuite() {
    delete made_;
    made_ = nullptr;
  }
  static Words with(const Words& more) {
    Words words{"fit", "photos", "--strategy", "head", "--size", "64", "--features", "last", "--precision", "float32"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  static Finished graft(const Words& words) { return run(*made_, words); }

  inline static TestFolder* made_ = nullptr;
  inline static Finished fit_;
};

TEST_F(Strangers, AreUnknownToPredictWhichSaysWhy) {
  ASSERT_EQ(fit_.exit_code, 0) << fit_.err;
  EXPECT_NE((fit_.out + fit_.err).find("a photo stranger than 95 % of 20 validation photos is called unknown, by the "), std::string::npos)
      << fit_.out << fit_.err;
  const Finished text = graft({"predict", "run", "flat/3.bmp"});
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_TRUE(text.out.starts_with("flat/3.bmp  unknown  ")) << text.out;
  EXPECT_NE(text.out.find(" than any of 20 photos of these classes; nearest: photos/train/"), std::string::npos) << text.out;
  const json line = json::parse(graft({"predict", "run", "flat/3.bmp", "--json"}).out);
  EXPECT_EQ(line["unknown"], true);
  EXPECT_GT(line["strangeness"]["value"], line["strangeness"]["threshold"]);
  EXPECT_EQ(line["predictions"].size(), 2U);
  EXPECT_TRUE(line["nearest"]["path"].get<std::string>().starts_with("photos/train/")) << line;
  const json known = json::parse(graft({"predict", "run", "photos/train/down/0.bmp", "--json"}).out);
  EXPECT_EQ(known["unknown"], false);
  EXPECT_FALSE(known.contains("nearest"));
  const Finished csv = graft({"predict", "run", "flat/3.bmp", "--csv"});
  EXPECT_TRUE(csv.out.starts_with("path,label,probability,label_2,probability_2,unknown,nearest\n")) << csv.out;
  EXPECT_NE(csv.out.find(",true,photos/train/"), std::string::npos) << csv.out;
}

TEST_F(Strangers, AreUnknownByTheFileAloneToo) {
  std::filesystem::create_directories(*made_ / "alone");
  std::filesystem::copy_file(*made_ / "run/model.onnx", *made_ / "alone/model.onnx");
  const json line = json::parse(graft({"predict", "alone/model.onnx", "flat/3.bmp", "--json"}).out);
  EXPECT_EQ(line["unknown"], true);
  EXPECT_FALSE(line.contains("nearest"));
}

TEST_F(Strangers, AreCountedByEval) {
  const json eval = json::parse(graft({"eval", "run", "photos", "--ood", "flat", "--json"}).out);
  EXPECT_EQ(eval["unknown"]["photos"], 20);
  EXPECT_LE(eval["unknown"]["unknown"], 1);
  EXPECT_EQ(eval["ood"]["photos"], 12);
  EXPECT_GT(eval["ood"]["auroc"], 0.95);
  EXPECT_LE(eval["ood"]["fpr95"], 0.2);
  const Finished text = graft({"eval", "run", "photos", "--ood", "flat"});
  EXPECT_NE(text.out.find("\nstrangers in flat, 12 photos, by the "), std::string::npos) << text.out;
}

TEST_F(Strangers, MustBeStrangers) {
  Finished done = graft({"eval", "run", "photos", "--ood", "photos/train/down"});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_NE(
      done.err.find(
          "graft: --ood photos/train/down: 12 of its 12 photos are training photos of the model, expected photos of things that it does not know; "
          "remove them: the model knows them\n"),
      std::string::npos)
      << done.err;
  done = graft({"eval", "run", "photos", "--ood", "none"});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_NE(done.err.find("graft: none: holds no photos, expected "), std::string::npos) << done.err;
  write_file(*made_ / "broken/a.bmp", "BM");
  done = graft({"eval", "run", "photos", "--ood", "broken"});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_NE(done.err.find("graft: --ood broken: 1 of 1 photo"), std::string::npos) << done.err;
}

TEST_F(Strangers, CanBeTurnedOffAndAskedForByParts) {
  const auto refused = [&](const std::string& part, int code, const std::string& message) {
    const Finished done = graft(with({"--out", "other", "--reject", part}));
    EXPECT_EQ(done.exit_code, code);
    EXPECT_NE(done.err.find(message), std::string::npos) << done.err;
  };
  const std::string rest =
      ": expected a fraction of the photos above 0 and below 1, or none; 0.05 lets one photo in twenty of the known classes be called unknown; with "
      "none, no photo is\n";
  for (const char* part : {"0", "1", "-1", "abc", "nan"}) refused(part, 2, std::string("graft: --reject ") + part + rest);
  refused("0.01", 1,
          "graft: --reject 0.01: needs at least 99 validation photos for its threshold, but there are 20; give more validation photos, a larger "
          "--reject, or --reject none\n");
  ASSERT_EQ(graft(with({"--out", "off", "--reject", "none"})).exit_code, 0);
  EXPECT_FALSE(json::parse(graft({"predict", "off", "flat/3.bmp", "--json"}).out).contains("unknown"));
}

TEST_F(Strangers, AreFoundAgainByThePhotosThatCalibrateGets) {
  const auto more = [&](const char* folder, int each) {
    for (int i = 0; i < each; ++i) {
      write_file(*made_ / folder / "across" / (std::to_string(i) + ".bmp"), made_photo(0, 80 + i));
      write_file(*made_ / folder / "down" / (std::to_string(i) + ".bmp"), made_photo(1, 80 + i));
    }
  };
  more("more", 13);
  more("few", 2);
  ASSERT_EQ(graft({"calibrate", "run", "more", "--out", "again"}).exit_code, 0);
  const trust::Unknown was = *artifact::load_card(*made_ / "run").trust.unknown, is = *artifact::load_card(*made_ / "again").trust.unknown;
  EXPECT_EQ(is.photos, 26U);
  EXPECT_EQ(is.on, trust::Basis::other_photos);
  EXPECT_NE(is.threshold, was.threshold);
  EXPECT_EQ(is.left_out_auroc, was.left_out_auroc);
  EXPECT_NE(graft({"predict", "again", "flat/3.bmp"}).out.find("; nearest: photos/train/"), std::string::npos);
  const Finished few = graft({"calibrate", "run", "few", "--temperature", "keep", "--out", "kept"});
  EXPECT_NE(few.out.find("the threshold for unknown photos stays, because a new one needs 19 photos\n"), std::string::npos) << few.out << few.err;
  EXPECT_EQ(artifact::load_card(*made_ / "kept").trust.unknown->threshold, was.threshold);
}

TEST_F(Strangers, AreDrift) {
  const Finished drifted = graft({"drift", "run", "flat", "--fail-on", "drift", "--json"});
  EXPECT_EQ(drifted.exit_code, 3) << drifted.err;
  const json found = json::parse(drifted.out);
  EXPECT_EQ(found["drift"], true);
  EXPECT_GE(found["unknown"]["count"], 10);
  EXPECT_NE(found["warning"].get<std::string>().find("Label some of them and measure with `graft eval`"), std::string::npos);
  const Finished same = graft({"drift", "run", "photos/val", "--fail-on", "drift"});
  EXPECT_EQ(same.exit_code, 0) << same.out;
  EXPECT_NE(same.out.find("20 new photos, compared with training and validation photos\n"), std::string::npos) << same.out;
  Finished done = graft({"drift", "run", "photos/train"});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_NE(done.err.find("graft: photos/train: all 24 photos are training photos of the run, expected new ones; give photos that came in later\n"),
            std::string::npos)
      << done.err;
  done = graft({"drift", "run/model.onnx", "flat"});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_EQ(done.err, "graft: run/model.onnx: not a run folder; drift also needs the run's validation photos: give the folder of the model\n");
}

}  // namespace
}  // namespace graft

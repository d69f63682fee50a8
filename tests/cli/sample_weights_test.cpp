// Photos that count more or less than others, by the real program: a table of weights, and weights by what the photos are to resemble.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/stopped_training.h"

namespace graft {
namespace {

using nlohmann::json;

class Weights : public testing::Test {
 protected:
  Weights() { make_photos(folder_ / "photos", {"across", "down"}, 10); }

  Finished fit(const Words& more) {
    Words words{"fit", "photos", "--size", "64", "--precision", "float32"};
    words.insert(words.end(), more.begin(), more.end());
    return run(folder_, words);
  }
  std::string text(const std::string& name) const { return std::string(as_text(read_file(folder_ / name))); }
  void refuse(const Words& more, int exit_code, const std::string& line) {
    Words words = more;
    words.insert(words.end(), {"--out", "runs/none", "-q"});
    expect_refused(fit(words), exit_code, line);
    EXPECT_FALSE(fs::exists(folder_ / "runs"));
  }

  TestFolder folder_;
};

TEST_F(Weights, OfATableChangeTheModelAndAreRepeated) {
  write_file(folder_ / "w.csv", "path,weight\nphotos/across/1.bmp,5\nphotos/down/2.bmp,0\n");
  for (const std::string name : {"head", "partial"}) {
    const auto trained = [&](Words more) {
      more.insert(more.end(), {"--strategy", name});
      if (name == "partial") more.insert(more.end(), {"--epochs", "2", "--batch", "8"});
      return fit(more);
    };
    const Finished done = trained({"--sample-weights", "w.csv", "--out", name});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_NE(done.err.find("of 16 training photos have a weight of their own\n"), std::string::npos) << done.err;
    const std::string written = text(name + "/sample_weights.csv");
    EXPECT_TRUE(written.starts_with("path,weight\n"));
    EXPECT_NE(written.find("across/3.bmp,1\n"), std::string::npos);
    ASSERT_EQ(trained({"--out", name + "-plain", "-q"}).exit_code, 0);
    EXPECT_NE(text(name + "/weights.safetensors"), text(name + "-plain/weights.safetensors"));
    EXPECT_FALSE(fs::exists(folder_ / (name + "-plain") / "sample_weights.csv"));
    ASSERT_EQ(trained({"--sample-weights", name + "/sample_weights.csv", "--out", name + "-again", "-q"}).exit_code, 0);
    EXPECT_EQ(text(name + "/weights.safetensors"), text(name + "-again/weights.safetensors"));
  }
}

TEST_F(Weights, OfPhotosToResemble) {
  make_photos(folder_ / "there", {"across"}, 8);
  make_photos(folder_ / "there", {"half"}, 2);
  const Finished done = fit({"--strategy", "head", "--reweight-to", "there", "--out", "a", "--json"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_NE(done.err.find("training photos can be told from those of there in "), std::string::npos) << done.err;
  const json history = json::parse(text("a/history.json"));
  const json& found = history["reweighting"];
  EXPECT_EQ(found["photos"], 10);
  EXPECT_EQ(found["training_photos"], 16);
  EXPECT_FALSE(found.contains("weights"));
  double across = 0, down = 0;
  std::istringstream csv(text("a/sample_weights.csv"));
  std::string line;
  std::getline(csv, line);
  for (int rows = 0; std::getline(csv, line); ++rows) (line.starts_with("across/") ? across : down) += std::stod(line.substr(line.find(',') + 1));
  EXPECT_NEAR(across + down, 16, 1e-6);
  EXPECT_GT(across, 1.5 * down) << "all of the photos to resemble go across";
  ASSERT_EQ(fit({"--strategy", "head", "--sample-weights", "a/sample_weights.csv", "--out", "b", "-q"}).exit_code, 0);
  EXPECT_EQ(text("a/weights.safetensors"), text("b/weights.safetensors"));
}

TEST_F(Weights, OfAFarPlaceWarn) {
  for (int i = 0; i < 10; ++i)
    write_file(folder_ / "far" / (std::to_string(i) + ".bmp"), bmp(std::vector<uint8_t>(60 * 60 * 3, static_cast<uint8_t>(i)), 60, 60));
  const Finished done = fit({"--strategy", "head", "--reweight-to", "far", "--out", "a"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_NE(done.err.find("told from those of far in 100.0 %"), std::string::npos) << done.err;
}

TEST_F(Weights, Refused) {
  write_file(folder_ / "w.csv", "path,weight\nacross/1.bmp,-2\n");
  refuse({"--sample-weights", "w.csv"}, 1, "w.csv:2: weight '-2', expected a number of at least 0");
  write_file(folder_ / "w.csv", "path,weight\nacross/11.bmp,2\n");
  refuse({"--sample-weights", "w.csv"}, 1, "w.csv:2: 'across/11.bmp' is not a training photo; did you mean 'across/1.bmp'?");
  refuse({"--sample-weights", "w.csv", "--reweight-to", "photos"}, 2, "--reweight-to: estimates what --sample-weights gives; choose one of them");
  refuse({"--sample-weights", "v.csv"}, 1, "v.csv: no such file or folder; did you mean 'w.csv'?");
  refuse({"--reweight-to", "foto"}, 1, "foto: no such file or folder");
  fs::create_directory(folder_ / "empty");
  refuse({"--reweight-to", "empty"}, 1, "empty: holds no photos, expected JPEG, PNG, WebP, BMP, TIFF, GIF, HEIC, AVIF, JPEG 2000 or DICOM files");
  make_photos(folder_ / "few", {"a"}, 4);
  refuse({"--reweight-to", "few"}, 1,
         "few: holds 4 photos, expected at least 5 to estimate weights from; give more, or set the weights yourself with --sample-weights");
  make_photos(folder_ / "broken", {"a"}, 6);
  write_file(folder_ / "broken" / "a" / "1.bmp", "BM");
  refuse({"--reweight-to", "broken"}, 1,
         "broken: 1 of 6 photos cannot be read: a/1.bmp (truncated BMP (ends in its header)); repair or remove them, or pass --skip-unreadable");
}

using WeightsTakenUp = StoppedTraining;

TEST_F(WeightsTakenUp, MustBeWhatTheyWere) {
  write_file(folder_ / "w.csv", "path,weight\ncat/0.bmp,2\ncat/1.bmp,2\ncat/2.bmp,2\n");
  const Finished done = run(folder_, {"fit", "--resume", "stopped", "-q", "--sample-weights", "w.csv"});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_NE(done.err.find("graft: stopped: was started differently: sample weights was none, is "), std::string::npos) << done.err;
}

TEST_F(Weights, AStoppedRunGoesOnWithThem) {
  make_photos(folder_ / "there", {"across"}, 8);
  const Words words{"fit",      "photos", "--size",      "64",      "--strategy", "partial", "--views",       "2",     "--batch", "4",
                    "--epochs", "12",     "--precision", "float32", "--threads",  "2",       "--reweight-to", "there", "-q"};
  const auto with = [&](const Words& more) {
    Words all = words;
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  ASSERT_EQ(run(folder_, with({"--out", "whole"})).exit_code, 0);
  Words loud = with({"--out", "stopped"});
  std::erase(loud, "-q");
  const Program program(folder_.path(), loud);
  program.wait_until_it_says("\nepoch  2/12: loss");
  kill(program.pid(), SIGTERM);
  ASSERT_EQ(program.wait().exit_code, 130);
  fs::remove_all(folder_ / "there");
  const Finished on = run(folder_, {"fit", "--resume", "stopped", "-q"});
  ASSERT_EQ(on.exit_code, 0) << on.err;
  EXPECT_EQ(text("stopped/weights.safetensors"), text("whole/weights.safetensors"));
  EXPECT_EQ(text("stopped/sample_weights.csv"), text("whole/sample_weights.csv"));
  EXPECT_EQ(json::parse(text("stopped/history.json"))["reweighting"], json::parse(text("whole/history.json"))["reweighting"]);
}

}  // namespace
}  // namespace graft

// What `graft fit` says and what `graft eval --csv` writes, for those who look at a model for the first time.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <cmath>

#include "cli/program.h"
#include "graft/data/csv.h"

namespace graft {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Words = std::vector<std::string>;

/// 12 intact and 3 broken for training; a head trained on them.
class FitOutput : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    made_ = new TestFolder;
    make_photos(*made_ / "photos/train", {"intact"}, 12);
    make_photos(*made_ / "photos/val", {"intact"}, 6);
    for (int i = 0; i < 5; ++i)
      write_file(*made_ / (i < 3 ? "photos/train/broken" : "photos/val/broken") / (std::to_string(i) + ".bmp"), made_photo(1, i));
    fit_ = run(*made_, with({"--out", "runs/head"}));
  }
  static void TearDownTestSuite() {
    delete made_;
    made_ = nullptr;
  }

  static Words with(const Words& more) {
    Words words{"fit", "photos", "--strategy", "head", "--size", "64", "--features", "stages", "--precision", "float32"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  static std::string text(const std::string& name) { return std::string(as_text(read_file(*made_ / name))); }

  inline static TestFolder* made_ = nullptr;
  inline static Finished fit_;
};

TEST_F(FitOutput, ClassesComeFirstAndWhatToKnowOfTheNumbersInTheEnd) {
  ASSERT_EQ(fit_.exit_code, 0) << fit_.err;
  EXPECT_TRUE(
      fit_.err.starts_with("2 classes, 15 training and 8 validation photos\n"
                           "class   training  validation\n"
                           "broken         3           2\n"
                           "intact        12           6\n"))
      << fit_.err;
  const auto says = [](const std::string& sentence) { EXPECT_NE(fit_.out.find(sentence), std::string::npos) << sentence << "\n" << fit_.out; };
  EXPECT_TRUE(fit_.out.starts_with("on the 8 validation photos\naccuracy           ")) << fit_.out;
  says("\nalways intact      75.0 %, the largest class each time\nbalanced accuracy  ");
  says(", every class alike: their sizes differ by 3.0 times\n");
  says("\nstrategy head (flag)\n");
  says("\nsize 64 (flag)\n");
  says("\nl2 ");
  says("\nthe largest class has 4.0 times the photos of the smallest: if they matter as much, --imbalance auto\n");
  says("; --features last does\n");
  says("\nmodel: runs/head/model.onnx, checked in float32 against training\nfiles: runs/head/predictions.csv has the answer to each ");
  says("\nreport: runs/head/report.html, for any browser\nnext:  graft predict runs/head photo.jpg\n");
  EXPECT_EQ(json::parse(text("runs/head/eval.json"))["largest_class"], json::parse(R"({"name": "intact", "accuracy": 0.75})"));
}

TEST_F(FitOutput, ATrainingByStepsHasItsLossInALine) {
  const Finished done = run(*made_, with({"--solver", "steps", "--epochs", "3", "--out", "runs/steps"}));
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const std::string title = "\n\nloss in training          ";
  const std::size_t at = done.out.find(title), bars = 3 * 3;  // bytes
  ASSERT_NE(at, done.out.npos) << done.out;
  EXPECT_EQ(done.out.substr(at + title.size() + bars, 2), "  ") << "a bar for each of 3 epochs\n" << done.out;
  EXPECT_NE(done.out.find("\nloss in validation        ", at), done.out.npos) << done.out;
  EXPECT_EQ(fit_.out.find("loss in training"), fit_.out.npos) << "a solved head has no epochs";
}

TEST_F(FitOutput, JsonHasTheSame) {
  const json told = json::parse(run(*made_, with({"--json", "-q", "--out", "runs/json"})).out);
  EXPECT_EQ(told["classes"], json::parse(R"([{"name": "broken", "train_images": 3, "val_images": 2},
                                             {"name": "intact", "train_images": 12, "val_images": 6}])"));
  EXPECT_EQ(told["precision"], "float32");
  EXPECT_FALSE(told.contains("kept_epoch"));
}

TEST_F(FitOutput, PredictionsAreATableOfEveryProbabilityTheWorstFirst) {
  const std::string csv = text("runs/head/predictions.csv");
  const auto rows = data::parse_csv(csv, ',', "predictions.csv");
  EXPECT_EQ(rows[0].fields, (Words{"path", "label", "predicted", "probability", "loss", "probability of broken", "probability of intact"}));
  ASSERT_EQ(rows.size(), 9U);
  double before = INFINITY, sum = 0;
  for (const data::CsvRow& row : std::span(rows).subspan(1)) {
    const double loss = std::stod(row.fields[4]);
    EXPECT_LE(loss, before);
    before = loss;
    sum += loss;
    EXPECT_TRUE(fs::exists(*made_ / "runs/head" / row.fields[0])) << "relative to the run: " << row.fields[0];
  }
  EXPECT_NEAR(sum / 8, json::parse(text("runs/head/eval.json"))["log_loss"].get<double>(), 1e-6);
  const Finished done = run(*made_, {"eval", "runs/head", "runs/head/predictions.csv", "--csv", "deep/answers.csv", "-q"});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  std::string expected = csv;
  for (std::size_t at; (at = expected.find("../../photos")) != std::string::npos;) expected.replace(at, 12, "../photos");
  EXPECT_EQ(text("deep/answers.csv"), expected) << "graft eval writes the same, as seen from its file";
}

TEST_F(FitOutput, WhatCannotBeWrittenIsRefusedBeforeTheWork) {
  write_file(*made_ / "there.csv", "mine");
  const auto eval = [&](const Words& more) {
    Words words{"eval", "runs/head", "photos", "-q"};
    words.insert(words.end(), more.begin(), more.end());
    return run(*made_, words);
  };
  expect_refused(eval({"--csv", "there.csv"}), 1, "there.csv: already exists; choose another --csv or pass --force");
  expect_refused(eval({"--csv", "photos"}), 1, "photos: is a folder, expected a file or nothing; choose another --csv");
  expect_refused(eval({"--csv", "there.csv/a.csv"}), 1, "there.csv/a.csv: cannot write: Not a directory; choose another --csv");
  EXPECT_EQ(text("there.csv"), "mine");
  EXPECT_EQ(eval({"--csv", "there.csv", "--force"}).exit_code, 0);
  EXPECT_TRUE(text("there.csv").starts_with("path,label,predicted,"));
}

TEST_F(FitOutput, ARunIsRepeatedFromAnyFolder) {
  fs::create_directories(*made_ / "elsewhere");
  const Program program(*made_ / "elsewhere", {"fit", "--config", "../runs/head/config.toml", "--out", "again", "-q"});
  const Finished done = program.wait();
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_EQ(text("elsewhere/again/model.onnx"), text("runs/head/model.onnx"));
}

}  // namespace
}  // namespace graft

// Trainings compared by the real program: baselines, seeds, folds, options on and off.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <csignal>

#include "cli/program.h"
#include "graft/artifact/known_photos.h"

namespace graft {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class StudyCommands : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TestFolder;
    make_photos(*folder_ / "photos", {"across", "down", "wide"}, 8);
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }

  static Finished graft(std::vector<std::string> words) {
    words.insert(words.end(), {"--size", "64", "--precision", "float32", "-q"});
    return run(*folder_, words);
  }
  static json answered(const std::vector<std::string>& words) {
    std::vector<std::string> all = words;
    all.emplace_back("--json");
    const Finished done = graft(all);
    EXPECT_EQ(done.exit_code, 0) << done.err;
    return done.exit_code == 0 ? json::parse(done.out) : json();
  }
  static fs::path at(const std::string& name) { return *folder_ / name; }

  static TestFolder* folder_;
};
TestFolder* StudyCommands::folder_ = nullptr;

TEST_F(StudyCommands, SeedsGiveAMeanAndTheFirstModel) {
  const json answer = answered({"fit", "photos", "--strategy", "head", "--seeds", "3", "--seed", "5", "--out", "seeds"});
  EXPECT_EQ(answer["report"]["rows"][0]["runs"], 3);
  EXPECT_EQ(answer["deployed"], "head");
  EXPECT_EQ(listing(at("seeds") / "runs"), (std::vector<std::string>{"head-seed5", "head-seed6", "head-seed7"}));
  EXPECT_EQ(read_file(at("seeds") / "model.onnx"), read_file(at("seeds") / "runs/head-seed5/model.onnx"));
  EXPECT_NE(read_file(at("seeds") / "model.onnx"), read_file(at("seeds") / "runs/head-seed6/model.onnx"));
  EXPECT_EQ(run(*folder_, {"predict", "seeds", "photos/down/3.bmp", "-q"}).exit_code, 0);
  EXPECT_TRUE(fs::exists(at("seeds") / "comparison.md"));
}

TEST_F(StudyCommands, OptionsOfAComparisonAreRefusedForOneTraining) {
  expect_refused(run(*folder_, {"fit", "photos", "--metric", "macro-f1", "-q"}), 2,
                 "--metric: is for a comparison, but you asked for a single training; add --compare, --seeds or --folds");
  expect_refused(run(*folder_, {"fit", "photos", "--deploy", "asked", "-q"}), 2,
                 "--deploy: is for a comparison, but you asked for a single training; add --compare, --seeds or --folds");
}

TEST_F(StudyCommands, FoldsValidateOnEveryPhotoOnce) {
  const json answer = answered({"fit", "photos", "--strategy", "head", "--folds", "4", "--out", "folds"});
  EXPECT_EQ(answer["report"]["rows"][0]["runs"], 4);
  EXPECT_EQ(listing(at("folds") / "runs"), (std::vector<std::string>{"head", "head-fold1", "head-fold2", "head-fold3", "head-fold4"}));
  std::vector<std::string> paths;
  for (const char* fold : {"head-fold1", "head-fold2", "head-fold3", "head-fold4"}) {
    const auto bytes = read_file(at("folds") / "runs" / fold / "predictions.csv");
    std::size_t lines = 0;
    std::string text(as_text(bytes));
    for (std::size_t from = text.find('\n') + 1; from < text.size(); from = text.find('\n', from) + 1, ++lines)
      paths.push_back(text.substr(from, text.find(',', from) - from));
    EXPECT_EQ(lines, 6U);
  }
  std::ranges::sort(paths);
  EXPECT_EQ(paths.size(), 24U);
  EXPECT_EQ(std::ranges::adjacent_find(paths), paths.end());
  EXPECT_EQ(read_file(at("folds") / "model.onnx"), read_file(at("folds") / "runs/head/model.onnx"));
}

TEST_F(StudyCommands, AStoppedStudyGoesOnWithWhatIsMissing) {
  ASSERT_EQ(graft({"fit", "photos", "--strategy", "head", "--seeds", "2", "--out", "stopped"}).exit_code, 0);
  const auto whole = read_file(at("stopped") / "comparison.json");
  const fs::file_time_type first = fs::last_write_time(at("stopped") / "runs/head-seed0/model.onnx");
  fs::remove_all(at("stopped") / "runs/head-seed1");
  fs::remove(at("stopped") / "comparison.json");
  fs::remove(at("stopped") / "model.onnx");
  const Finished done = run(*folder_, {"fit", "--resume", "stopped", "-q"});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_EQ(read_file(at("stopped") / "comparison.json"), whole);
  EXPECT_EQ(fs::last_write_time(at("stopped") / "runs/head-seed0/model.onnx"), first);
  expect_refused(run(*folder_, {"fit", "--resume", "stopped", "--l2", "1"}), 2,
                 "--l2: a study continues with its own options, or its trainings would differ; omit it");
}

TEST_F(StudyCommands, RunsCompare) {
  ASSERT_EQ(graft({"fit", "photos", "--strategy", "head", "--out", "one"}).exit_code, 0);
  ASSERT_EQ(graft({"fit", "photos", "--strategy", "head", "--l2", "1000", "--out", "two"}).exit_code, 0);
  ASSERT_EQ(graft({"fit", "photos", "--strategy", "head", "--seed", "1", "--out", "three"}).exit_code, 0);
  const Finished done = run(*folder_, {"compare", "one", "two"});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_TRUE(done.out.starts_with("     accuracy            95 %  difference")) << done.out;
  const Finished different = run(*folder_, {"compare", "one", "three"});
  EXPECT_EQ(different.exit_code, 1);
  EXPECT_NE(different.err.find("only runs that were validated on the same photos can be compared photo by photo"), std::string::npos);
  expect_refused(run(*folder_, {"compare", "one"}), 2, "runs: only one, expected two or more to compare; usage: graft compare RUN RUN...");
}

TEST_F(StudyCommands, WhatCannotBeDoneIsSaidBeforeAnyTraining) {
  const std::vector<std::string> head = {"fit", "photos", "--strategy", "head", "--out", "bad"};
  const auto refused = [&](std::vector<std::string> more, int code, const std::string& line) {
    more.insert(more.begin(), head.begin(), head.end());
    expect_refused(graft(more), code, line);
    EXPECT_FALSE(fs::exists(at("bad")));
  };
  refused({"--compare", "head"}, 2, "--compare head: is what --strategy asks for; omit it, or give it options of its own: head:OPTION=VALUE");
  refused({"--folds", "9"}, 1, "photos: class 'across' has 8 photos, expected at least 9, one for each fold; use fewer folds or add photos");
  refused({"--folds", "2", "--fold", "1/2"}, 2, "--fold: is one part of --folds; give only one of them");
  refused({"--fold", "3/2"}, 2, "--fold 3/2: expected K/N, part K from 1 to N of at least 2; for instance --fold 1/5");
  refused({"--folds", "2", "--val", "photos"}, 2, "--val: cannot be combined with folds; omit --val or the folds");
  refused({"--seeds", "2", "--find-lr"}, 2, "--find-lr: is for a single training, but these are several; give the options of one of them");
  expect_refused(graft({"ablate", "photos", "--out", "bad"}), 2, "--options: missing; for instance --options mixup,ema,sam");
  expect_refused(graft({"ablate", "photos", "--options", "mixup,mixup", "--out", "bad"}), 2, "--options mixup: given twice");
  fs::create_directories(at("there"));
  expect_refused(graft({"fit", "photos", "--seeds", "2", "--out", "there"}), 1, "there: already exists; choose another --out");
}

TEST_F(StudyCommands, ASweepIsAStrategyThatComesAgain) {
  const json answer = answered({"fit", "photos", "--strategy", "head", "--features", "last", "--compare", "head:l2=1,head:l2=100", "--out", "sweep"});
  std::vector<std::string> names;
  for (const json& row : answer["report"]["rows"]) names.push_back(row["name"]);
  EXPECT_EQ(names, (std::vector<std::string>{"head", "head:l2=1", "head:l2=100"}));
  const auto text = [](const fs::path& file) { return std::string(as_text(read_file(file))); };
  const std::string config = text(at("sweep") / "runs/head:l2=100/config.toml");
  EXPECT_NE(config.find("\nl2 = 100.0  # flag\n"), std::string::npos) << config;
  EXPECT_NE(config.find("\nfeatures = \"last\"  # flag\n"), std::string::npos) << "as it was asked for";
  EXPECT_TRUE(config.starts_with("data = \"../../../photos\"  # flag\n")) << config;
  EXPECT_TRUE(text(at("sweep") / "config.toml").starts_with("data = \"../photos\"  # flag\n")) << "what RUN has is meant from there";
  const auto known = artifact::KnownPhotos::beside(at("sweep"));
  ASSERT_TRUE(known) << "the index of the run that is deployed";
  for (const fs::path& photo : known->paths()) EXPECT_TRUE(fs::exists(photo)) << photo;
  const Finished again = run(*folder_, {"eval", "sweep", "sweep/predictions.csv", "--json", "-q"});
  EXPECT_EQ(json::parse(again.out)["count"], 6) << again.err;
}

TEST_F(StudyCommands, ADryRunIsOfEachTraining) {
  const json sweep = answered({"fit", "photos", "--strategy", "head", "--compare", "head:l2=1", "--seeds", "2", "--dry-run", "--out", "none"});
  ASSERT_EQ(sweep["trainings"].size(), 2U);
  EXPECT_EQ(sweep["trainings"][1]["name"], "head:l2=1");
  EXPECT_EQ(sweep["trainings"][1]["times"], 2);
  EXPECT_EQ(sweep["trainings"][1]["config"]["l2"]["value"], 1.0);
  EXPECT_GT(sweep["seconds"], sweep["trainings"][0]["seconds"]);
  for (const std::string kind : {"row", "phase"}) {
    write_file(at(kind + ".toml"), "[[" + kind + "]]\nname = \"first\"\nstrategy = \"head\"\nl2 = 2\n[[" + kind +
                                       "]]\nname = \"second\"\nl2 = 3\n"
                                       "strategy = \"head\"\n");
    const json recipe = answered({"fit", "photos", "--recipe", kind + ".toml", "--dry-run", "--out", "none"});
    ASSERT_EQ(recipe["trainings"].size(), 2U) << kind;
    EXPECT_EQ(recipe["trainings"][1]["name"], "second");
    EXPECT_EQ(recipe["trainings"][1]["config"]["l2"]["value"], 3.0);
  }
  EXPECT_FALSE(fs::exists(at("none")));
}

TEST_F(StudyCommands, RecipesAreListedAndShown) {
  const Finished list = run(*folder_, {"recipes"});
  EXPECT_EQ(list.exit_code, 0) << list.err;
  EXPECT_NE(list.out.find("ladder               The ladder: from scratch, frozen, the last stage, everything\n"), std::string::npos) << list.out;
  const Finished one = run(*folder_, {"recipes", "hotdog"});
  EXPECT_TRUE(one.out.starts_with("title = \"Hotdog or not")) << one.out;
  expect_refused(run(*folder_, {"recipes", "hotdg"}), 2, "--recipe hotdg: no such recipe; did you mean hotdog?");
  expect_refused(graft({"fit", "photos", "--recipe", "fastai", "--seeds", "2"}), 2,
                 "--recipe fastai: has phases, which --compare, --folds and --seeds do not repeat; omit these");
}

TEST_F(StudyCommands, AFailedFirstTrainingLeavesNothing) {
  write_file(at("broken/a/1.jpg"), "no photo");
  write_file(at("broken/a/2.jpg"), "no photo");
  write_file(at("broken/b/1.jpg"), "no photo");
  write_file(at("broken/b/2.jpg"), "no photo");
  EXPECT_EQ(graft({"fit", "broken", "--strategy", "head", "--seeds", "2", "--out", "nothing"}).exit_code, 1);
  EXPECT_FALSE(fs::exists(at("nothing")));
}

}  // namespace
}  // namespace graft

// Studies of trainings of more than the head, by the real program.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/program.h"

namespace graft {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const std::vector<std::string> kUsual = {"--size", "64", "--epochs", "2", "--batch", "6", "--precision", "float32", "--json", "-q"};

json answered(const TestFolder& folder, std::vector<std::string> words) {
  words.insert(words.end(), kUsual.begin(), kUsual.end());
  const Finished done = run(folder, words);
  EXPECT_EQ(done.exit_code, 0) << done.err;
  return done.exit_code == 0 ? json::parse(done.out) : json();
}

TEST(StudyOfTraining, BaselinesAreComparedWithWhatWasAskedFor) {
  TestFolder folder;
  make_photos(folder / "photos", {"across", "down", "wide"}, 8);
  const json answer = answered(folder, {"fit", "photos", "--strategy", "partial", "--compare", "scratch:epochs=1,head", "--out", "run"});
  std::vector<std::string> names;
  for (const json& row : answer["report"]["rows"]) names.push_back(row["name"]);
  EXPECT_EQ(names, (std::vector<std::string>{"partial", "scratch", "head"}));
  EXPECT_EQ(answer["report"]["verdicts"].size(), 2U);
  const json history = json::parse(as_text(read_file(folder / "run/runs/scratch/history.json")));
  EXPECT_EQ(history["phases"].back()["epochs"].size(), 1U);
  const std::vector<std::string> files = listing(folder / "run/runs/partial");
  EXPECT_NE(std::ranges::find(files, "history.csv"), files.end());
  for (const std::string& file : files) EXPECT_EQ(read_file(folder / ("run/" + file)), read_file(folder / ("run/runs/partial/" + file))) << file;
}

TEST(StudyOfTraining, AnAblationTrainsEachOptionOnEverySeed) {
  TestFolder folder;
  make_photos(folder / "photos", {"across", "down", "wide"}, 8);
  const json answer = answered(folder, {"ablate", "photos", "--strategy", "partial", "--options", "mixup,ema=0.5", "--seeds", "2", "--out", "run"});
  EXPECT_EQ(listing(folder / "run/runs"),
            (std::vector<std::string>{"ema=0.5-seed0", "ema=0.5-seed1", "mixup-seed0", "mixup-seed1", "without-seed0", "without-seed1"}));
  EXPECT_EQ(answer["report"]["rows"][2]["name"], "ema=0.5");
  EXPECT_FALSE(answer.contains("deployed"));
  EXPECT_TRUE(fs::exists(folder / "run/ablation.md"));
  EXPECT_FALSE(fs::exists(folder / "run/model.onnx"));
}

}  // namespace
}  // namespace graft

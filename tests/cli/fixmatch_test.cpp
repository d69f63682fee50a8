// `graft fit --unlabeled` with training by steps, by the real program: what it writes, what it refuses, and that it goes on to the same bytes.
#include <gtest/gtest.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "cli/program.h"

namespace graft {
namespace {

using nlohmann::json;
using Words = std::vector<std::string>;

class FixMatch : public testing::Test {
 protected:
  FixMatch() {
    make_photos(folder_ / "photos", {"across", "down"}, 10);
    for (int i = 0; i < 30; ++i) write_file(folder_ / "more" / (std::to_string(i) + ".bmp"), made_photo(i % 2, 100 + i));
  }

  /// A checkpoint after every step, so that each moment has one of its own.
  static Words words(const std::string& out, const Words& more) {
    Words all{"fit",      "photos", "--unlabeled",          "more",     "--size", "64", "--l2", "0.1", "--batch", "6",
              "--epochs", "3",      "--checkpoint-minutes", "0.000001", "--out",  out};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  std::string file(const std::string& name) { return std::string(as_text(read_file(folder_ / name))); }

  void expect_killed_runs_end_alike(const Words& more, const std::vector<std::string>& moments) {
    const Finished whole = run(folder_, words("whole", more));
    ASSERT_EQ(whole.exit_code, 0) << whole.err;
    for (const std::string& moment : moments) {
      const Program program(folder_.path(), words("stopped", more));
      program.wait_until_it_says(moment);
      kill(program.pid(), SIGKILL);
      ASSERT_EQ(program.wait().exit_code, 128 + SIGKILL) << moment;
      const Finished done = run(folder_, {"fit", "--resume", "stopped"});
      ASSERT_EQ(done.exit_code, 0) << moment << "\n" << done.err;
      for (const char* name : {"model.onnx", "history.csv", "predictions.csv"})
        EXPECT_EQ(file(std::string("stopped/") + name), file(std::string("whole/") + name)) << moment;
      EXPECT_EQ(json::parse(file("stopped/history.json"))["unlabeled"], json::parse(file("whole/history.json"))["unlabeled"]);
      std::filesystem::remove_all(folder_ / "stopped");
    }
  }

  TestFolder folder_;
};

TEST_F(FixMatch, NamedGoesOnToTheSameBytes) {
  expect_killed_runs_end_alike({"--semi", "fixmatch", "--strategy", "partial"}, {"epoch 1/3:", "epoch 2/3:"});
  const json found = json::parse(file("whole/history.json"));
  EXPECT_EQ(found["unlabeled"]["chosen"], "fixmatch");
  EXPECT_EQ(found["unlabeled"]["reason"], "you asked for it");
  EXPECT_EQ(found["unlabeled"]["photos"], 30);
  EXPECT_TRUE(found["phases"].back()["epochs"][0]["terms"].contains("fixmatch"));
  EXPECT_TRUE(found["phases"].back()["epochs"][0]["scores"].contains("taken"));
  EXPECT_NE(file("whole/config.toml").find("\nlabel-smoothing = 0.0  # chosen: with it, answers would hardly become as sure as --sure"),
            std::string::npos);
  // Other photos are another training.
  const Program program(folder_.path(), words("other", {"--semi", "fixmatch", "--strategy", "partial", "--label-smoothing", "0.2"}));
  program.wait_until_it_says("epoch 1/3:");
  kill(program.pid(), SIGKILL);
  EXPECT_NE(
      program.wait().err.find("--label-smoothing 0.2 teaches answers a probability of 0.90, less than --sure 0.95: few of them will be learned from"),
      std::string::npos);
  write_file(folder_ / "more/0.bmp", made_photo(1, 999));
  const Finished changed = run(folder_, {"fit", "--resume", "other"});
  EXPECT_EQ(changed.exit_code, 1);
  EXPECT_NE(changed.err.find("photos without labels was 30 photos ("), std::string::npos) << changed.err;
}

TEST_F(FixMatch, AutoComparesWithATrainingWithoutThem) {
  expect_killed_runs_end_alike({"--strategy", "full", "--views", "0"}, {"now with them"});
  const json found = json::parse(file("whole/history.json"));
  EXPECT_EQ(found["unlabeled"]["judges"], "validation photos");
  EXPECT_EQ(found["unlabeled"]["judged_on"], 4);
  const bool taken = found["unlabeled"]["chosen"] == "fixmatch";
  EXPECT_EQ(found["phases"].back()["epochs"][0].contains("terms"), taken);
}

TEST_F(FixMatch, RefusesWhatDoesNotFit) {
  const auto refused = [&](const Words& more, const std::string& line) {
    const Finished done = run(folder_, words("refused", more));
    EXPECT_EQ(done.exit_code, 2) << done.err;
    EXPECT_EQ(last_line(done), "graft: " + line + "\n");
    EXPECT_FALSE(std::filesystem::exists(folder_ / "refused"));
  };
  refused({"--strategy", "full", "--semi", "pseudo-labels"},
          "--semi pseudo-labels: is for --strategy head, solved; choose --semi fixmatch, or --strategy head");
  refused(
      {"--strategy", "full", "--unlabeled-ratio", "6"},
      "--unlabeled-ratio 6: a step of 6 labeled photos then sees 36 without labels, but there are 30; choose a lower --batch or --unlabeled-ratio, "
      "or give more photos");
}

}  // namespace
}  // namespace graft

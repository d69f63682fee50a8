// Losses, regularisers and what mixes photos, by the real program: what each writes, and that a run's config gives the same bytes.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/program.h"

namespace graft {
namespace {

using Words = std::vector<std::string>;
using nlohmann::json;

class Losses : public testing::Test {
 protected:
  Losses() { make_photos(folder_ / "photos", {"across", "down", "wide"}, 8); }

  json fit(const Words& more) {
    Words words{"fit", "photos", "--json", "-q", "--size", "64", "--precision", "float32"};
    if (more[1] != "head") words.insert(words.end(), {"--batch", "6"});
    words.insert(words.end(), more.begin(), more.end());
    const Finished done = run(folder_, words);
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_EQ(done.err, "");
    return done.exit_code == 0 ? json::parse(done.out) : json();
  }
  std::string model(const std::string& name) const { return std::string(as_text(read_file(folder_ / name / "model.onnx"))); }

  TestFolder folder_;
};

TEST_F(Losses, AllTogetherTrainAndRepeat) {
  fit({"--strategy", "head", "--out", "teacher"});
  const json result =
      fit({"--strategy", "partial", "--unfreeze", "2",     "--loss", "focal", "--imbalance", "balanced-softmax", "--mixup", "0.2",   "--cutmix",
           "1",          "--l2-sp", "0.01",       "--bss", "0.001",  "--swa", "0.5",         "--wise",           "0.8",     "--sam", "0.05",
           "--distill",  "teacher", "--out",      "all"});
  EXPECT_EQ(result["config"]["distill"]["value"], "teacher");
  EXPECT_EQ(result["strategy"], "partial");
  const Finished again = run(folder_, {"fit", "--config", "all/config.toml", "--out", "again", "-q"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(model("all"), model("again"));
  EXPECT_EQ(run(folder_, {"predict", "all", "photos/down/3.bmp", "--csv", "-q"}).exit_code, 0);
}

TEST_F(Losses, WhatStaysNearTheSourceTrainsAndRepeats) {
  const Words options{"--strategy",         "partial", "--unfreeze",   "2",    "--delta",  "0.1", "--co-tuning", "2.3",
                      "--stoch-norm",       "0.5",     "--batch-norm", "live", "--soup",   "2",   "--dropout",   "0.2",
                      "--stochastic-depth", "0.2",     "--repeated",   "3",    "--epochs", "3"};
  Words first = options, unlike{"--strategy", "partial", "--unfreeze", "2", "--batch-norm", "live", "--epochs", "3", "--out", "plain"};
  first.insert(first.end(), {"--out", "all"});
  fit(first);
  fit(unlike);
  const Finished again = run(folder_, {"fit", "--config", "all/config.toml", "--out", "again", "-q"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(model("all"), model("again"));
  EXPECT_EQ(model("all").size(), model("plain").size()) << "the model has nothing of them";
}

TEST_F(Losses, ATeacherChangesTheModel) {
  make_photos(folder_ / "turned", {"across", "down", "wide"}, 8);
  for (const char* from : {"across", "down"}) std::filesystem::rename(folder_ / "turned" / from, folder_ / "turned" / (std::string(from) + "-"));
  std::filesystem::rename(folder_ / "turned" / "across-", folder_ / "turned" / "down");
  std::filesystem::rename(folder_ / "turned" / "down-", folder_ / "turned" / "across");
  ASSERT_EQ(run(folder_, {"fit", "turned", "--size", "64", "--strategy", "head", "--out", "teacher", "-q"}).exit_code, 0);
  const Words usual{"--strategy", "partial", "--unfreeze", "1", "--lr", "0.01", "--epochs", "6"};
  const auto accuracy = [&](const Words& more) {
    Words words = usual;
    words.insert(words.end(), more.begin(), more.end());
    return fit(words)["evaluation"]["accuracy"].get<double>();
  };
  EXPECT_GT(accuracy({"--out", "a"}), 0.9);
  EXPECT_LT(accuracy({"--distill", "teacher", "--distill-weight", "1", "--out", "b"}), 0.5) << "it takes across for down";
}

TEST_F(Losses, ARunWhoseStrategyBecameTheHeadIsRepeatedByItsConfig) {
  ASSERT_EQ(run(folder_, {"fit", "photos", "--size", "64", "--loss", "focal", "--out", "first", "-q"}).exit_code, 0);
  const Finished again = run(folder_, {"fit", "--config", "first/config.toml", "--out", "second", "-q"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(model("first"), model("second"));
}

}  // namespace
}  // namespace graft

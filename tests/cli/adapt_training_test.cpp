// `graft adapt` with methods that train, by the real program.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/program.h"

namespace graft {
namespace {

using nlohmann::json;

/// Of each kind a photo as another camera takes it: of another shape.
void make_target(const std::filesystem::path& folder, const std::vector<std::string>& classes, int first) {
  for (std::size_t kind = 0; kind < classes.size(); ++kind)
    for (int i = 0; i < 10; ++i)
      write_file(folder / classes[kind] / (std::to_string(i) + ".bmp"), made_photo(static_cast<int>(kind), first + i, 72, 90));
}

TEST(AdaptByTraining, TheWrittenModelAnswersAsTrained) {
  const TestFolder folder;
  make_photos(folder / "photos", {"across", "down"}, 12);
  make_target(folder / "other", {"a", "b"}, 100);
  make_target(folder / "test", {"across", "down"}, 200);
  for (const std::string method : {"mcc", "shot", "adabn"}) {
    const Finished done = run(folder, {"adapt", "--source", "photos", "--target", "other", "--target-test", "test", "--size", "64", "--strategy",
                                       "head", "--method", method, "--out", method});
    ASSERT_EQ(done.exit_code, 0) << done.err;
    const json found = json::parse(as_text(read_file(folder / method / "history.json")))["adaptation"];
    EXPECT_EQ(found["chosen"], method);
    EXPECT_GT(found["target_test"]["accuracy"], 0.8);
    EXPECT_EQ(json::parse(run(folder, {"eval", method, "test", "--json"}).out)["accuracy"], found["target_test"]["accuracy"]);
    const Finished again = run(folder, {"adapt", "--config", method + "/config.toml", "--out", method + "2", "-q"});
    ASSERT_EQ(again.exit_code, 0) << again.err;
    EXPECT_EQ(as_text(read_file(folder / (method + "2") / "model.onnx")), as_text(read_file(folder / method / "model.onnx")));
  }
}

TEST(AdaptByTraining, AutoTrainsTheWholeNetworkByShot) {
  const TestFolder folder;
  make_photos(folder / "photos", {"across", "down"}, 12);
  make_target(folder / "other", {"a", "b"}, 100);
  const Finished done = run(folder, {"adapt", "--source", "photos", "--target", "other", "--size", "64", "--epochs", "2", "--out", "run"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  std::vector<std::string> methods;
  const json found = json::parse(as_text(read_file(folder / "run/history.json")))["adaptation"];
  for (const json& method : found["methods"]) methods.push_back(method["method"]);
  EXPECT_EQ(methods, (std::vector<std::string>{"none", "coral", "shot"}));
  EXPECT_EQ(found["methods"][2]["back"], nullptr) << "features of the frozen network say nothing of it";
  EXPECT_NE(done.out.find("\nstrategy full (chosen: SHOT gains most"), std::string::npos) << done.out;
  EXPECT_NE(done.out.find("\ndiversity 0 (chosen: whether the target has all classes of the source cannot be told)"), std::string::npos) << done.out;
}

TEST(AdaptByTraining, ABottleneckSeesTheLastFeatures) {
  const TestFolder folder;
  make_photos(folder / "photos", {"across", "down"}, 12);
  make_target(folder / "other", {"a", "b"}, 100);
  expect_refused(run(folder, {"adapt", "--source", "photos", "--target", "other", "--features", "stages", "--method", "mcc"}), 2,
                 "--features stages: is for --method none and coral; omit it, or name one of these");
  expect_refused(run(folder, {"adapt", "--source", "photos", "--target", "other", "--mirror"}), 2,
                 "--mirror: is for --method none and coral; omit it, or name one of these");
}

TEST(AdaptByTraining, BelowTheBottleneckWhatIsPretrainedMoves) {
  const TestFolder folder;
  make_photos(folder / "photos", {"across", "down"}, 12);
  make_target(folder / "other", {"a", "b"}, 100);
  make_target(folder / "test", {"across", "down"}, 200);
  const Finished done = run(folder, {"adapt", "--source", "photos", "--target", "other", "--target-test", "test", "--size", "64", "--method", "dann",
                                     "--strategy", "partial", "--epochs", "4", "--batch", "6", "--out", "run"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const json history = json::parse(as_text(read_file(folder / "run/history.json")));
  const json training = history["phases"].back();
  EXPECT_EQ(training["strategy"], "partial");
  ASSERT_EQ(training["trains"].size(), 3U) << training["trains"];
  EXPECT_EQ(training["trains"][1]["name"], "bottleneck");
  EXPECT_DOUBLE_EQ(training["trains"][1]["lr_scale"], 10.0);
  EXPECT_DOUBLE_EQ(training["trains"][0]["lr_scale"], 1.0) << "what is pretrained learns a tenth as fast";
  ASSERT_EQ(training["epochs"].size(), 4U);
  // The epoch is that with the most information in its answers, and what labels say of it is what the model gets.
  std::size_t best = 0;
  for (std::size_t e = 0; e < 4; ++e)
    if (training["epochs"][e]["scores"]["information"] > training["epochs"][best]["scores"]["information"]) best = e;
  EXPECT_EQ(training["kept_epoch"], best + 1);
  const json found = history["adaptation"];
  EXPECT_EQ(found["epochs"]["kept"]["epoch"], best + 1);
  EXPECT_EQ(found["epochs"]["kept"]["target_accuracy"], found["target_test"]["accuracy"]);
  // A run with a bottleneck can be gone on from as any other.
  make_target(folder / "third", {"a", "b"}, 300);
  const Finished on = run(folder, {"adapt", "--from", "run", "--target", "third", "--method", "shot", "--epochs", "1", "--out", "on"});
  ASSERT_EQ(on.exit_code, 0) << on.err;
  EXPECT_NE(done.out.find(" of 4, chosen by the answers for the target's photos (information "), std::string::npos) << done.out;
}

}  // namespace
}  // namespace graft

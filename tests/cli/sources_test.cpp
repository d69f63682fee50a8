// A network chosen among several by the real program.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/program.h"

namespace graft {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class SourceCommands : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TestFolder;
    make_photos(*folder_ / "photos", {"across", "down", "wide"}, 12);
    for (const char* name : {"torchscript_resnet.onnx", "timm_resnet.onnx", "channels_last.onnx"})
      fs::copy_file(fs::path(GRAFT_TESTS) / "onnx" / "fixtures" / name, *folder_ / name);
    fit_ = run(*folder_, {"fit", "photos", "--sources", kThree, "--strategy", "head", "--size", "64", "--precision", "float32", "--out", "chosen"});
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }
  static std::string text(const std::string& name) { return std::string(as_text(read_file(*folder_ / name))); }
  static json history(const std::string& name) { return json::parse(text(name + "/history.json")); }

  static constexpr const char* kThree = "torchscript_resnet.onnx,efficientnet_lite0,timm_resnet.onnx";
  inline static TestFolder* folder_ = nullptr;
  inline static Finished fit_;
};

TEST_F(SourceCommands, TheSourceThatSuitsThePhotosIsTrained) {
  ASSERT_EQ(fit_.exit_code, 0) << fit_.err;
  const json sources = history("chosen")["sources"];
  ASSERT_EQ(sources["compared"].size(), 3U);
  EXPECT_EQ(sources["compared"][0]["name"], "torchscript_resnet.onnx");
  EXPECT_EQ(sources["compared"][1]["name"], "efficientnet_lite0");
  EXPECT_EQ(sources["chosen"], "efficientnet_lite0") << "the others have random weights: " << sources.dump(1);
  EXPECT_EQ(sources["photos"], 30);
  EXPECT_EQ(sources["folds"], 5);
  for (const json& source : sources["compared"]) {
    EXPECT_GT(source["seconds"], 0);
    EXPECT_GT(source["bytes"], 0);
    EXPECT_TRUE(source["logme"].is_number());
    EXPECT_GE(source["h_score"], 0);
    EXPECT_LE(source["h_score"], 2) << "of three classes";
    EXPECT_GE(source["log_loss"], sources["compared"][1]["log_loss"]);
  }
  EXPECT_NE(fit_.err.find("\nsource "), std::string::npos) << fit_.err;
  const std::string reason = sources["reason"];
  EXPECT_NE(fit_.err.find("\nefficientnet_lite0: " + reason + "\n"), std::string::npos) << fit_.err;
  EXPECT_NE(fit_.out.find("\nbackbone efficientnet_lite0 (chosen: " + reason + ")\n"), std::string::npos) << fit_.out;
  EXPECT_NE(text("chosen/config.toml").find("\nsources = []"), std::string::npos) << text("chosen/config.toml");
}

TEST_F(SourceCommands, ItsConfigRepeatsTheRunWithoutTheOthers) {
  for (const char* name : {"torchscript_resnet.onnx", "timm_resnet.onnx"}) fs::rename(*folder_ / name, *folder_ / (std::string("away_") + name));
  const Finished again = run(*folder_, {"fit", "--config", "chosen/config.toml", "--out", "again", "-q"});
  for (const char* name : {"torchscript_resnet.onnx", "timm_resnet.onnx"}) fs::rename(*folder_ / (std::string("away_") + name), *folder_ / name);
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(read_file(*folder_ / "chosen/model.onnx"), read_file(*folder_ / "again/model.onnx"));
  EXPECT_FALSE(history("again").contains("sources"));
}

TEST_F(SourceCommands, WithoutTrainingTheyAreComparedAsFitDoes) {
  const std::vector<std::string> before = listing(folder_->path());
  const Finished done = run(*folder_, {"sources", "photos", "--sources", kThree, "--size", "64", "--precision", "float32", "--json", "-q"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const json told = json::parse(done.out), trained = history("chosen")["sources"];
  for (std::size_t i = 0; i < 3; ++i)
    for (const char* what : {"name", "accuracy", "log_loss", "standard_error", "behind", "logme", "h_score", "features", "bytes"})
      EXPECT_EQ(told["compared"][i][what], trained["compared"][i][what]) << i << what;
  EXPECT_EQ(listing(folder_->path()), before) << "it writes nothing";
  const Finished table = run(*folder_, {"sources", "photos", "--sources", "efficientnet_lite0", "--size", "64", "--precision", "float32", "-q"});
  EXPECT_TRUE(table.out.starts_with("source              input  features    MB ")) << table.out;
  EXPECT_NE(table.out.find("\nefficientnet_lite0: the only one; cross-validated log loss "), std::string::npos) << table.out;
}

TEST_F(SourceCommands, ANetworkThatStaysFrozenIsASourceOfTheHead) {
  const Finished done = run(*folder_, {"fit", "photos", "--sources", "channels_last.onnx", "--tensor", "encoded", "--strategy", "head", "--size",
                                       "32", "--precision", "float32", "--out", "frozen", "-q"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const json sources = history("frozen")["sources"];
  EXPECT_EQ(sources["chosen"], "channels_last.onnx");
  EXPECT_TRUE(sources["compared"][0]["multiply_adds"].is_null());
  fs::remove_all(*folder_ / "frozen");
}

TEST_F(SourceCommands, ALimitThatNoneMeetsNamesTheNearestAndLeavesNothing) {
  const Finished done =
      run(*folder_, {"fit", "photos", "--sources", kThree, "--size", "64", "--precision", "float32", "--model-size", "10kB", "--out", "none", "-q"});
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_TRUE(done.err.starts_with("graft: --model-size 0.0 MB: none of 3 sources is within the limits; the nearest, ")) << done.err;
  EXPECT_FALSE(fs::exists(*folder_ / "none"));
  expect_refused(run(*folder_, {"fit", "photos", "--sources", "efficientnet_lite0,efficientnet_lite0", "-q"}), 2,
                 "--sources efficientnet_lite0: given twice; name it once");
}

TEST_F(SourceCommands, OfTooFewPhotosNoneIsChosen) {
  for (const char* name : {"across", "down"}) make_photos(*folder_ / "few", {name}, 2);
  expect_refused(run(*folder_, {"sources", "few", "--sources", "efficientnet_lite0", "--size", "64", "--precision", "float32", "-q"}), 2,
                 "--sources: too few photos per class for cross-validation, by which a source is chosen; choose one by --backbone");
  fs::remove_all(*folder_ / "few");
}

}  // namespace
}  // namespace graft

// Networks joined to one by the real program: trained, read again, and tried by --sources.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/joined.h"

namespace graft {
namespace {

using nlohmann::json;

class Joins : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TestFolder;
    make_photos(*folder_ / "photos", {"across", "down", "wide"}, 12);
    put_joinable_weights(folder_->path());
    fit_ = fitted({"--backbone", kBoth, "--strategy", "head", "--out", "joined"});
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }

  static Finished fitted(std::vector<std::string> words) {
    words.insert(words.begin(), {"fit", "photos", "--size", "64", "--precision", "float32"});
    return run(*folder_, words);
  }
  static std::string text(const std::string& name) { return std::string(as_text(read_file(*folder_ / name))); }

  inline static TestFolder* folder_ = nullptr;
  inline static Finished fit_;
};

TEST_F(Joins, AreOneModelThatAnswers) {
  ASSERT_EQ(fit_.exit_code, 0) << fit_.err;
  EXPECT_NE(fit_.out.find("\nresize 73 (chosen: as efficientnet_lite0 was trained)\n"), std::string::npos) << fit_.out;
  const Finished answers = run(*folder_, {"predict", "joined", "photos/down", "--json", "-q"});
  EXPECT_EQ(answers.exit_code, 0) << answers.err;
  const std::string weights = text("joined/weights.safetensors");
  for (const char* name : {"\"efficientnet_lite0.conv_stem.weight\"", "\"efficientnet_lite1.in1k.rescale.bias\"", "\"head.weight\""})
    EXPECT_NE(weights.find(name), std::string::npos) << name;
}

TEST_F(Joins, AreReadAgainAsANetworkToBeginWith) {
  const Finished again = fitted({"--from", "joined", "--strategy", "head", "--out", "again", "-q"});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(json::parse(text("again/eval.json"))["log_loss"].get<double>(), json::parse(text("joined/eval.json"))["log_loss"].get<double>());
}

TEST_F(Joins, AreTriedAsASourceUnlessMoreThanTheHeadIsToTrain) {
  const std::vector<std::string> words{"sources", "photos", "--sources", "efficientnet_lite0,efficientnet_lite1.in1k", "--size", "64", "--precision",
                                       "float32", "--json", "-q"};
  const Finished done = run(*folder_, words);
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const json compared = json::parse(done.out)["compared"];
  ASSERT_EQ(compared.size(), 3U) << done.out;
  const json& join = compared[2];
  EXPECT_EQ(join["name"], kBoth) << "the better one first";
  EXPECT_EQ(join["joined"], true);
  EXPECT_EQ(compared[0]["joined"], false);
  EXPECT_EQ(join["features"], join["every_stage"] ? 2 * (1280 + 784) : 2 * 1280);
  EXPECT_GT(join["bytes"].get<double>(), 0.99 * (compared[0]["bytes"].get<double>() + compared[1]["bytes"].get<double>()));
  std::vector<std::string> small = words;
  small.insert(small.end(), {"--model-size", "30MB"});
  EXPECT_EQ(json::parse(run(*folder_, small).out)["compared"].size(), 2U) << "both together are larger";
}

TEST_F(Joins, RefuseWhatCannotBeJoined) {
  expect_refused(fitted({"--backbone", "efficientnet_lite0+", "-q"}), 2,
                 "backbone 'efficientnet_lite0+': expected a network on each side of a +; for instance efficientnet_lite0+squeezenet1_1");
  expect_refused(fitted({"--backbone", kBoth, "--weights", "mine.pth", "-q"}), 2,
                 std::string("--weights: ") + kBoth + " takes the published weights of each; omit --weights");
  expect_refused(fitted({"--backbone", kBoth, "--strategy", "scratch", "-q"}), 2,
                 "--strategy scratch: starts from random values, but networks are joined for what each has learned; choose one of them");
  expect_refused(run(*folder_, {"predict", kBoth, "photos", "-q"}), 2,
                 std::string("backbone '") + kBoth +
                     "': joins networks, but a single one is expected here; a join is for `graft fit`, `graft embed` and --sources");
}

}  // namespace
}  // namespace graft

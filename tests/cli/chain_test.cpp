// Runs from runs: what a chain of them keeps, whether each transfer helped, and chains that cannot be.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/program.h"

namespace graft {
namespace {

using nlohmann::json;
using Words = std::vector<std::string>;

/// Three runs: dots from the pretrained network, lines from dots, photos from lines.
class Chain : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    made_ = new TestFolder;
    make_photos(*made_ / "photos", {"across", "down"}, 12);
    make_photos(*made_ / "lines", {"one", "other"}, 10);
    make_photos(*made_ / "dots", {"a", "b", "c"}, 8);
    for (const auto& [data, from] : {std::pair{"dots", ""}, {"lines", "dots-run"}, {"photos", "lines-run"}}) {
      const Finished done = fit(data, from, std::string(data) + "-run");
      ASSERT_EQ(done.exit_code, 0) << done.err;
    }
  }
  static void TearDownTestSuite() {
    delete made_;
    made_ = nullptr;
  }
  static Finished fit(const std::string& data, const std::string& from, const std::string& out) {
    Words words{"fit", data, "--size", "64", "--strategy", "head", "--features", "last", "--report", "none", "--out", out};
    if (!from.empty()) words.insert(words.end(), {"--from", from});
    return run(*made_, words);
  }
  static void expect_refused(const std::string& from, const std::string& line) {
    const Finished done = fit("photos", from, "refused");
    EXPECT_EQ(done.exit_code, 1);
    EXPECT_EQ(last_line(done), "graft: " + line + "\n");
    EXPECT_FALSE(std::filesystem::exists(*made_ / "refused"));
  }

  inline static TestFolder* made_ = nullptr;
};

TEST_F(Chain, KeepsEveryRunEvenWhereTheyAreGone) {
  std::filesystem::rename(*made_ / "lines-run", *made_ / "moved");
  const Finished shown = run(*made_, {"show", "photos-run", "--json"});
  std::filesystem::rename(*made_ / "moved", *made_ / "lines-run");
  ASSERT_EQ(shown.exit_code, 0) << shown.err;
  const json chain = json::parse(shown.out)["chain"];
  ASSERT_EQ(chain.size(), 3U);
  EXPECT_TRUE(chain[0]["run"].is_null());
  EXPECT_EQ(chain[1]["run"], "lines-run");
  EXPECT_EQ(chain[2]["run"], "dots-run");
  EXPECT_EQ(chain[2]["data"], "dots");
  EXPECT_EQ(chain[2]["classes"], 3);
  EXPECT_EQ(chain[2]["backbone"], "efficientnet_lite0");
  EXPECT_TRUE(chain[2]["transfer"].is_null()) << "there the chain begins";
  for (const int link : {0, 1}) {
    const json& transfer = chain[static_cast<std::size_t>(link)]["transfer"];
    EXPECT_EQ(transfer["first"]["network"], "efficientnet_lite0");
    // The runs trained a head alone, so both see the same.
    EXPECT_EQ(transfer["verdict"], "no difference");
    EXPECT_NEAR(transfer["gain"].get<double>(), 0, 1e-3);
  }
  const std::string text = run(*made_, {"show", "photos-run"}).out;
  EXPECT_NE(text.find("\ncame from\n  this run: head, 2 classes of "), std::string::npos) << text;
  EXPECT_NE(text.find(" photos of photos; transfer makes no difference (a head's log loss on "), std::string::npos) << text;
  EXPECT_NE(text.find("\n  dots-run: head, 3 classes of "), std::string::npos) << text;
  EXPECT_NE(text.find("\n  efficientnet_lite0, the pretrained network\n"), std::string::npos) << text;
  EXPECT_EQ(run(*made_, {"show", "dots-run"}).out.find("came from"), std::string::npos);
}

TEST_F(Chain, WarnsOfARunThatHurts) {
  // A network that begins at random and is trained for a step sees less than the pretrained one.
  const Finished spoilt =
      run(*made_, {"fit", "dots", "--size", "32", "--strategy", "scratch", "--epochs", "1", "--report", "none", "--out", "spoilt", "-q"});
  ASSERT_EQ(spoilt.exit_code, 0) << spoilt.err;
  const Finished done = fit("photos", "spoilt", "hurt");
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_NE(done.err.find("NEGATIVE TRANSFER: on "), std::string::npos) << done.err;
  EXPECT_NE(done.err.find("; begin from --backbone efficientnet_lite0 in place of --from\n"), std::string::npos) << done.err;
  EXPECT_NE(run(*made_, {"show", "hurt"}).out.find("; NEGATIVE TRANSFER (a head's log loss on "), std::string::npos);
}

TEST_F(Chain, RefusesALinkThatIsMissingOrNoRun) {
  std::filesystem::create_directories(*made_ / "empty");
  write_file(*made_ / "broken/model.onnx", "not a network");
  expect_refused("nowhere", "nowhere: no such run folder or model.onnx; train one with `graft fit PHOTOS`");
  expect_refused("empty", "empty: not a run folder: it holds no model.onnx; train one with `graft fit PHOTOS`");
  expect_refused("broken", "broken/model.onnx: truncated, or not an ONNX file; copy the file again");
}

}  // namespace
}  // namespace graft

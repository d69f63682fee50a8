// Numbers by group of the photos' attributes, by the real program.
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/program.h"

namespace graft {
namespace {

using nlohmann::json;
using Words = std::vector<std::string>;

/// photos/{across,down}/: 30 each, a run of them, and groups.csv that says of each by which lamp it was taken.
class Groups : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TestFolder;
    make_photos(*folder_ / "photos", {"across", "down"}, 30);
    std::string csv = "path,lamp,number\n";
    for (const std::string kind : {"across", "down"})
      for (int i = 0; i < 30; ++i)
        csv += "photos/" + kind + "/" + std::to_string(i) + ".bmp," + (i % 2 == 0 ? "day" : "night") + "," + std::to_string(i) + "\n";
    write_file(*folder_ / "groups.csv", csv);
    ASSERT_EQ(graft({"fit", "photos", "--strategy", "head", "--size", "64", "--precision", "float32", "--out", "run", "-q"}).exit_code, 0);
  }
  static void TearDownTestSuite() { delete folder_; }

  static Finished graft(const Words& words) { return run(*folder_, words); }
  static TestFolder* folder_;
};
TestFolder* Groups::folder_ = nullptr;

TEST_F(Groups, OfEval) {
  const Finished done = graft({"eval", "run", "photos", "--groups", "groups.csv", "--group-size", "8", "--json"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const json groups = json::parse(done.out)["groups"];
  EXPECT_EQ(groups["group_size"], 8);
  ASSERT_EQ(groups["attributes"].size(), 3U) << "lamp, number, and both crossed";
  EXPECT_EQ(groups["attributes"][0]["groups"][1]["name"], "night");
  EXPECT_EQ(groups["attributes"][0]["groups"][1]["photos"], 30);
  EXPECT_EQ(groups["attributes"][1]["groups"][0]["name"], "up to 7");
  EXPECT_NE(done.err.find("groups.csv: numbers, cut into ranges at their quartiles, of number: up to 7; above 7 to 14; above 14 to 22; above 22\n"),
            std::string::npos)
      << done.err;
  const Finished text = graft({"eval", "run", "photos", "--groups", "groups.csv", "--attributes", "lamp"});
  EXPECT_NE(text.out.find("\nby lamp\nlamp   photos  accuracy"), std::string::npos) << text.out;
  EXPECT_EQ(text.out.find("by number"), std::string::npos);
}

/// In a table that says of each photo under which lamp it was taken: of each class 25 under one, 5 under the other.
void write_skewed(const std::filesystem::path& file) {
  std::string csv = "path,lamp\n";
  for (const std::string kind : {"across", "down"})
    for (int i = 0; i < 30; ++i)
      csv += "photos/" + kind + "/" + std::to_string(i) + ".bmp," + ((i % 6 == 0) == (kind == "across") ? "night" : "day") + "\n";
  write_file(file, csv);
}

TEST_F(Groups, AFitBalancesThemAndTellsWhatThatChanged) {
  write_skewed(*folder_ / "skewed.csv");
  const Finished done = graft({"fit", "photos", "--strategy", "head", "--size", "64", "--precision", "float32", "--groups", "skewed.csv",
                               "--group-size", "5", "--balance-groups", "dfr", "--out", "balanced"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_NE(done.err.find("the last layer is solved with the same weight for each of 4 groups of class and lamp\n"), std::string::npos) << done.err;
  EXPECT_NE(done.out.find("\nby lamp\nworst group: "), std::string::npos) << done.out;
  EXPECT_NE(done.out.find("\nwithout --balance-groups dfr: accuracy "), std::string::npos) << done.out;
  const json found = json::parse(as_text(read_file(*folder_ / "balanced" / "eval.json")));
  EXPECT_EQ(found["groups"]["attributes"][0]["groups"][1]["name"], "night");
  EXPECT_EQ(found["balance_groups"]["method"], "dfr");
  EXPECT_EQ(found["balance_groups"]["before"]["groups"]["attributes"][0]["attribute"], "lamp");

  std::istringstream weights{std::string(as_text(read_file(*folder_ / "balanced" / "sample_weights.csv")))};
  std::map<std::string, double> sums;
  std::string line;
  for (std::getline(weights, line); std::getline(weights, line);) {
    const std::size_t slash = line.rfind('/'), comma = line.rfind(',');
    const bool across = line.find("across") != std::string::npos, sixth = std::stoi(line.substr(slash + 1)) % 6 == 0;
    sums[(across ? "across, " : "down, ") + std::string(sixth == across ? "night" : "day")] += std::stod(line.substr(comma + 1));
  }
  ASSERT_EQ(sums.size(), 4U);
  for (const auto& [group, sum] : sums) EXPECT_NEAR(sum, sums.begin()->second, 1e-3) << group;

  const Finished again = graft({"fit", "--config", "balanced/config.toml", "--out", "again", "-q"});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(read_file(*folder_ / "again" / "model.onnx"), read_file(*folder_ / "balanced" / "model.onnx"));
}

TEST_F(Groups, ATrainedNetworksLastLayerIsBalanced) {
  write_skewed(*folder_ / "skewed.csv");
  const Words plain{"fit",    "photos", "--strategy", "head",       "--solver",    "steps",   "--epochs",     "1", "--batch", "8",
                    "--size", "64",     "--groups",   "skewed.csv", "--precision", "float32", "--group-size", "5", "-q"};
  Words balanced = plain;
  balanced.insert(balanced.end(), {"--balance-groups", "dfr", "--out", "steps"});
  ASSERT_EQ(graft(balanced).exit_code, 0);
  Words without = plain;
  without.insert(without.end(), {"--out", "unbalanced"});
  ASSERT_EQ(graft(without).exit_code, 0);
  const json one = json::parse(as_text(read_file(*folder_ / "steps" / "eval.json"))),
             other = json::parse(as_text(read_file(*folder_ / "unbalanced" / "eval.json")));
  EXPECT_EQ(one["balance_groups"]["before"]["accuracy"], other["accuracy"]) << "what it would be without";
  EXPECT_NE(one["log_loss"], other["log_loss"]) << "the layer is another one";
  EXPECT_EQ(graft({"verify", "steps", "-q"}).exit_code, 0);
}

TEST_F(Groups, ThoseWithLargeLossesCountMoreInATraining) {
  write_skewed(*folder_ / "skewed.csv");
  const Words steps{"fit",    "photos", "--strategy", "head",       "--solver",    "steps",   "--epochs",     "2",   "--batch", "8",
                    "--size", "64",     "--groups",   "skewed.csv", "--precision", "float32", "--group-step", "0.2", "-q"};
  Words robust = steps;
  robust.insert(robust.end(), {"--balance-groups", "dro", "--out", "robust"});
  const Finished done = graft(robust);
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const json weights = json::parse(as_text(read_file(*folder_ / "robust" / "history.json")))["phases"].back()["group_weights"];
  EXPECT_EQ(weights.size(), 4U) << weights;
  double sum = 0;
  for (const auto& [group, weight] : weights.items()) {
    sum += weight.get<double>();
    EXPECT_NE(weight.get<double>(), 0.25) << group;
  }
  EXPECT_NEAR(sum, 1, 1e-9);
  expect_refused(
      graft({"fit", "photos", "--strategy", "head", "--groups", "skewed.csv", "--balance-groups", "dro", "--out", "no", "-q"}), 2,
      "--balance-groups dro: is for training by steps, but --strategy head is solved; choose --strategy partial or full, or --solver steps");
  robust.insert(robust.end(), {"--mixup", "0.2"});
  expect_refused(graft(robust), 2, "--balance-groups dro: uses the loss of each group, but --mixup and --cutmix blend photos of several; omit those");
}

TEST_F(Groups, RefusedByFit) {
  expect_refused(graft({"fit", "photos", "--balance-groups", "dfr", "--out", "no", "-q"}), 2,
                 "--balance-groups dfr: needs groups of the photos, but none are named; give --groups FILE, or --attributes NAME,NAME");
  expect_refused(graft({"fit", "photos", "--strategy", "head", "--imbalance", "weights", "--groups", "groups.csv", "--balance-groups", "dfr", "--out",
                        "no", "-q"}),
                 2, "--balance-groups dfr: already lets every class count the same, but --imbalance says how classes count; omit --imbalance");
  write_file(*folder_ / "lonely.csv", "path,lamp\nphotos/across/0.bmp,day\n");
  expect_refused(graft({"fit", "photos", "--groups", "lonely.csv", "--out", "no", "-q"}), 1,
                 "lonely.csv: 59 of 60 photos have no row: '1.bmp', '10.bmp', '11.bmp' and 56 more; add them, if necessary to a group of their own "
                 "such as unknown");
  EXPECT_FALSE(std::filesystem::exists(*folder_ / "no"));
}

TEST_F(Groups, RefusedBeforeTheWork) {
  write_file(*folder_ / "few.csv", "path,lamp\nphotos/across/0.bmp,day\n");
  expect_refused(graft({"eval", "run", "photos", "--groups", "few.csv", "-q"}), 1,
                 "few.csv: 59 of 60 photos have no row: '1.bmp', '10.bmp', '11.bmp' and 56 more; add them, if necessary to a group of their own such "
                 "as unknown");
  expect_refused(graft({"eval", "run", "photos", "--attributes", "lamp", "-q"}), 2,
                 "--attributes: names columns of a table, but photos is a folder; give the table of the photos' attributes: --groups FILE");
  expect_refused(graft({"eval", "run", "photos", "--groups", "none.csv", "-q"}), 1, "none.csv: no such file or folder");
}

}  // namespace
}  // namespace graft

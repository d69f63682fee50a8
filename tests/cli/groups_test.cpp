// Numbers by group of the photos' attributes, by the real program.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

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
  EXPECT_NE(text.out.find("\nby lamp\nlamp   images  accuracy"), std::string::npos) << text.out;
  EXPECT_EQ(text.out.find("by number"), std::string::npos);
}

TEST_F(Groups, RefusedBeforeTheWork) {
  write_file(*folder_ / "few.csv", "path,lamp\nphotos/across/0.bmp,day\n");
  expect_refused(
      graft({"eval", "run", "photos", "--groups", "few.csv", "-q"}), 1,
      "few.csv: 59 of 60 photos have no row: '1.bmp', '10.bmp', '11.bmp' and 56 more; add them, if need be to a group of their own such as unknown");
  expect_refused(graft({"eval", "run", "photos", "--attributes", "lamp", "-q"}), 2,
                 "--attributes: names columns of a table, and photos is a folder; give the table of the photos' attributes: --groups FILE");
  expect_refused(graft({"eval", "run", "photos", "--groups", "none.csv", "-q"}), 1, "none.csv: no such file or folder");
}

}  // namespace
}  // namespace graft

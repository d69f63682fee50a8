// A run folder becomes a page: what of it is taken, and what is said of one that is none.
#include "graft/report/report.h"

#include <gtest/gtest.h>

#include "error_text.h"
#include "folder.h"
#include "graft/base/files.h"
#include "graft/image/jpeg_write.h"

namespace graft::report {
namespace {

using test::message_of;

namespace fs = std::filesystem;

class Reported : public testing::Test {
 protected:
  Reported() {
    fs::create_directories(folder_ / "run");
    fs::create_directories(folder_ / "photos");
    const image::Image photo{400, 200, std::vector<uint8_t>(400 * 200 * 3, 120)};
    write_file(folder_ / "photos" / "1.jpg", image::encode_jpeg(photo, 80));
    write("predictions.csv",
          "path,label,predicted,probability,loss,probability of a,probability of "
          "b\n../photos/1.jpg,a,b,0.9,2.3,0.1,0.9\n../photos/gone.jpg,b,b,0.8,0.2,0.2,0.8\n");
    write("eval.json", R"({"count": 2, "right": 1, "accuracy": 0.5, "classes": [{"name": "a"}, {"name": "b"}], "confusion": [[0, 1], [0, 1]]})");
    write("more.json", R"({"found": "elsewhere"})");
  }

  void write(const std::string& name, const std::string& text) { write_file(folder_ / "run" / name, text); }

  nlohmann::ordered_json data(const std::string& html) {
    const std::string begin = "id=\"data\">";
    const std::size_t at = html.find(begin) + begin.size();
    return nlohmann::ordered_json::parse(html.substr(at, html.find("</script>", at) - at));
  }

  TestFolder folder_;
  ThreadPool pool_{1};
};

TEST_F(Reported, HoldsTheRunsOwnFilesAndThePhotosThatAreThere) {
  const auto page = data(report_page({run_in(folder_ / "run")}, pool_, Language::chinese));
  EXPECT_EQ(page["language"], "zh");
  const auto& run = page["runs"][0];
  EXPECT_EQ(run["name"], "run");
  EXPECT_EQ(run["files"]["eval"]["accuracy"], 0.5);
  EXPECT_EQ(run["files"]["more"]["found"], "elsewhere");
  EXPECT_EQ(run["predictions"]["total"], 2);
  EXPECT_EQ(run["photos"].size(), 1U);
  EXPECT_TRUE(run["photos"]["../photos/1.jpg"].get<std::string>().starts_with("data:image/jpeg;base64,/9j/"));
  EXPECT_EQ(run["curves"], "");
  EXPECT_FALSE(page.contains("comparison"));
}

TEST_F(Reported, SeveralRunsShareTheRoom) {
  const auto page =
      data(report_page({run_in(folder_ / "run"), run_in(folder_ / "run")}, pool_, Language::automatic, {.found = {{"rows", 2}}, .why_not = "no"}));
  EXPECT_EQ(page["runs"].size(), 2U);
  EXPECT_EQ(page["comparison"]["rows"], 2);
  EXPECT_EQ(page["not_compared"], "no");
}

TEST_F(Reported, PicturesAreWrittenWhereThereIsSomethingToDraw) {
  write_pictures(run_in(folder_ / "run"));
  EXPECT_TRUE(fs::exists(folder_ / "run" / "confusion.svg"));
  EXPECT_FALSE(fs::exists(folder_ / "run" / "curves.svg"));
}

TEST_F(Reported, WhatIsNoRunIsRefused) {
  const std::string run = (folder_ / "run").string(), none = (folder_ / "none").string();
  EXPECT_EQ(message_of([&] { report_page({run_in(none)}, pool_); }), none + ": no such run; give the folder of a finished run");
  fs::remove(folder_ / "run" / "eval.json");
  EXPECT_EQ(message_of([&] { report_page({run_in(run)}, pool_); }),
            run + ": has no eval.json, which every finished run has; give the folder of a finished run");
}

}  // namespace
}  // namespace graft::report

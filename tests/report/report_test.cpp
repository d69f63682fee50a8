// A run folder becomes a page: what of it is taken, and what is said of one that is none.
#include "graft/report/report.h"

#include <gtest/gtest.h>

#include <set>

#include "error_text.h"
#include "explain/small_network.h"
#include "folder.h"
#include "graft/artifact/known_photos.h"
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

TEST_F(Reported, PicturesThatThereAreNeedNotBeMade) {
  ReportedRun run = run_in(folder_ / "run");
  run.pictures["../photos/gone.jpg"] = "data:made";
  const auto photos = data(report_page({run}, pool_))["runs"][0]["photos"];
  EXPECT_EQ(photos["../photos/gone.jpg"], "data:made");
  EXPECT_EQ(photos.size(), 2U);
}

TEST_F(Reported, HasTheTrainingPhotosThatAreMostAlike) {
  const auto index = [&](const char* name, std::vector<std::string> paths, const std::vector<float>& values) {
    const std::size_t width = values.size() / paths.size();
    search::write_index(
        folder_ / "run" / name,
        {.backbone = "model.onnx", .weights_file = "model.onnx", .weights_sha256 = std::string(64, '0'), .preprocess = {}, .paths = paths}, values,
        width);
  };
  fs::copy_file(folder_ / "photos" / "1.jpg", folder_ / "photos" / "t3.jpg");
  index(artifact::kTrainingIndex, {"../photos/t1.jpg", "../photos/t2.jpg", "../photos/t3.jpg", "../photos/t4.jpg"}, {1, 0, 0, 2, 3, 4, -1, 0});
  index(artifact::kValidationIndex, {"../photos/1.jpg"}, {6, 8});
  auto run = data(report_page({run_in(folder_ / "run")}, pool_))["runs"][0];
  EXPECT_EQ(run["nearest"]["of"], 4);
  const auto found = run["nearest"]["photos"]["../photos/1.jpg"];
  ASSERT_EQ(found.size(), 3U);
  const std::vector<std::pair<std::string, double>> expected = {{"../photos/t3.jpg", 1}, {"../photos/t2.jpg", 0.8}, {"../photos/t1.jpg", 0.6}};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(found[i][0], expected[i].first);
    EXPECT_NEAR(found[i][1].get<double>(), expected[i].second, 1e-6);
  }
  EXPECT_TRUE(run["photos"].contains("../photos/t3.jpg")) << "its picture is there";
  index(artifact::kValidationIndex, {"../photos/1.jpg"}, {6, 8, 1});
  EXPECT_FALSE(data(report_page({run_in(folder_ / "run")}, pool_))["runs"][0].contains("nearest")) << "features of another model";
}

TEST_F(Reported, HasHeatMapsOfPhotosThatAreLookedAtClosely) {
  ReportedRun run = run_in(folder_ / "run");
  EXPECT_FALSE(data(report_page({run}, pool_))["runs"][0].contains("maps")) << "only where they are asked for";
  run.heat_maps = true;
  EXPECT_EQ(data(report_page({run}, pool_))["runs"][0]["maps"]["why_not"], "not a run folder: it holds no model.onnx");
  const graph::Graph network = explain::small_network();
  artifact::ModelCard card = explain::card_of(network);
  card.labels = {"a", "b", "c"};
  write("model.onnx", artifact::to_onnx(network, card));
  const auto maps = data(report_page({run}, pool_))["runs"][0]["maps"];
  EXPECT_EQ(maps["method"], "cam");
  EXPECT_EQ(maps["photos"].size(), 1U) << "the other photo is gone";
  const auto& of_photo = maps["photos"]["../photos/1.jpg"];
  std::set<int> labels;
  for (const auto& map : of_photo) {
    labels.insert(map["label"].get<int>());
    EXPECT_EQ(map["height"], 6);
    EXPECT_EQ(map["width"], 4);
    EXPECT_EQ(map["values"].get<std::string>().size(), 32U) << "24 bytes in base64";
    // Of the photo, 400 x 200, the middle third is seen: what is as wide and high as 32 x 48.
    const std::vector<double> box = map["box"], expected = {1.0 / 3, 0, 1.0 / 3, 1};
    for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(box[i], expected[i], 1e-9) << i;
  }
  EXPECT_TRUE(labels.contains(0)) << "the true class";
  EXPECT_EQ(labels.size(), of_photo.size()) << "each class once";
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
            run + ": has no eval.json, which every measured run has; give the folder of a finished run");
}

}  // namespace
}  // namespace graft::report

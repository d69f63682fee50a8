// A pretrained network as it is: its own classes, its features in a file, the photos most like one.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/program.h"
#include "graft/search/index.h"

namespace graft {
namespace {

namespace fs = std::filesystem;

class Embed : public testing::Test {
 protected:
  Embed() { make_photos(folder_ / "photos", {"down", "up"}, 4); }

  Finished embed(std::vector<std::string> words) {
    std::vector<std::string> all{"embed", "photos", "--size", "64", "--precision", "float32"};
    all.insert(all.end(), words.begin(), words.end());
    return run(folder_, all);
  }
  void expect_error(const std::vector<std::string>& words, int exit_code, const std::string& line) {
    expect_refused(run(folder_, words), exit_code, line);
  }

  TestFolder folder_;
};

TEST_F(Embed, FeaturesOfEveryPhotoInEveryFormat) {
  const Finished done = embed({"--out", "f.npy", "--json", "-q"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_EQ(done.err, "");
  const auto json = nlohmann::json::parse(done.out);
  EXPECT_EQ(json["images"], 8);
  EXPECT_EQ(json["width"], 1280);
  EXPECT_EQ(json["out"], "f.npy");
  const search::Index npy = search::read_index(folder_ / "f.npy");
  EXPECT_EQ(npy.info.paths[4], "photos/up/0.bmp");
  EXPECT_EQ(npy.info.backbone, "efficientnet_lite0");
  EXPECT_EQ(npy.info.preprocess.crop, 64);
  EXPECT_FALSE(std::ranges::equal(npy.table.row(0), npy.table.row(4)));

  const Finished again = embed({"--out", "f.safetensors", "-q", "--json"});
  EXPECT_EQ(nlohmann::json::parse(again.out)["cached"], 8);
  const search::Index safetensors = search::read_index(folder_ / "f.safetensors");
  EXPECT_TRUE(std::ranges::equal(safetensors.table.values, npy.table.values));
  embed({"--out", "f.csv", "-q"});
  EXPECT_TRUE(std::ranges::equal(search::read_index(folder_ / "f.csv").table.values, npy.table.values));
}

TEST_F(Embed, NormalizedMirrorImagesOfATable) {
  write_file(folder_ / "list.csv", std::string_view("id,path\n1,photos/up/3.bmp\n2,photos/down/1.bmp\n"));
  const Finished done = run(folder_, {"embed", "list.csv", "photos/up/0.bmp", "--size", "64", "--mirror", "--normalize", "--out", "f.npy", "-q"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const search::Index index = search::read_index(folder_ / "f.npy");
  EXPECT_EQ(index.info.paths, (std::vector<std::string>{"photos/up/3.bmp", "photos/down/1.bmp", "photos/up/0.bmp"}));
  EXPECT_TRUE(index.info.mirror);
  for (std::size_t i = 0; i < 3; ++i) {
    float square = 0;
    for (const float value : index.table.row(i)) square += value * value;
    EXPECT_NEAR(square, 1, 1e-4F);
  }
  const Finished found = run(folder_, {"search", "f.npy", "photos/down/1.bmp", "--top", "1", "--csv", "-q"});
  EXPECT_EQ(found.out, "photo,rank,similarity,path\nphotos/down/1.bmp,1,1.000000,photos/down/1.bmp\n");
}

TEST_F(Embed, SearchFindsThePhotoItselfFirst) {
  ASSERT_EQ(embed({"--out", "f.npy", "-q"}).exit_code, 0);
  const Finished found = run(folder_, {"search", "f.npy", "photos/up/2.bmp", "--top", "3"});
  ASSERT_EQ(found.exit_code, 0) << found.err;
  EXPECT_TRUE(found.out.starts_with("photos/up/2.bmp\n  rank  similarity  path\n     1       1.000  photos/up/2.bmp\n     2       0.")) << found.out;
  EXPECT_EQ(std::ranges::count(found.out, '\n'), 5);

  // Through the graph, which stays beside the index.
  const Finished graph = run(folder_, {"search", "f.npy", "photos/up", "--top", "2", "--exact-below", "4", "--json", "-q"});
  ASSERT_EQ(graph.exit_code, 0) << graph.err;
  EXPECT_TRUE(fs::exists(folder_ / "f.npy.hnsw"));
  const auto first = nlohmann::json::parse(graph.out.substr(0, graph.out.find('\n')));
  EXPECT_EQ(first["path"], "photos/up/0.bmp");
  EXPECT_EQ(first["nearest"][0]["path"], "photos/up/0.bmp");
  EXPECT_EQ(first["nearest"][0]["rank"], 1);
  EXPECT_NEAR(first["nearest"][0]["similarity"].get<double>(), 1, 1e-4);
  EXPECT_EQ(std::ranges::count(graph.out, '\n'), 4);
}

TEST_F(Embed, OtherWeightsAreNoticed) {
  ASSERT_EQ(embed({"--out", "f.npy", "-q"}).exit_code, 0);
  auto bytes = read_file(folder_ / "f.npy.json");
  std::string text(as_text(bytes));
  const std::size_t at = text.find("57934424", text.find("\"sha256\""));
  ASSERT_NE(at, std::string::npos);
  const std::string begin = text.substr(at, 16);
  text.replace(at, 8, "00000000");
  write_file(folder_ / "f.npy.json", text);
  expect_error({"search", "f.npy", "photos/up/2.bmp"}, 1,
               "f.npy: made with weights efficientnet-lite0-57934424.pth of SHA-256 00000000" + begin.substr(8) +
                   ", but " GRAFT_DEPS "/weights/efficientnet-lite0-57934424.pth has " + begin +
                   "; pass the file that it was made with as --weights, or make the index again");
}

TEST_F(Embed, UnreadablePhotos) {
  write_file(folder_ / "photos" / "up" / "9.bmp", std::string_view("no picture"));
  const Finished refused = embed({"--out", "f.npy", "-q"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_TRUE(refused.err.starts_with("graft: photos: 1 of 9 photos cannot be read: up/9.bmp (")) << refused.err;
  EXPECT_TRUE(refused.err.ends_with("); repair or remove them, or pass --skip-unreadable\n")) << refused.err;
  EXPECT_EQ(listing(folder_.path()), std::vector<std::string>{"photos"});
  EXPECT_EQ(embed({"--out", "f.npy", "--skip-unreadable"}).exit_code, 0);
  EXPECT_EQ(search::read_index(folder_ / "f.npy").info.paths.size(), 8U);
  const Finished found = run(folder_, {"search", "f.npy", "photos/up/9.bmp", "photos/up/1.bmp", "-q", "-k", "1"});
  EXPECT_EQ(found.exit_code, 1);
  EXPECT_TRUE(found.err.starts_with("graft: photos/up/9.bmp: ")) << found.err;
  EXPECT_EQ(found.out, "photos/up/1.bmp\n  rank  similarity  path\n     1       1.000  photos/up/1.bmp\n");
}

TEST_F(Embed, WhatIsRefusedBeforeTheWork) {
  write_file(folder_ / "f.npy", std::string_view("mine"));
  expect_error({"embed", "photos", "--out", "f.npy"}, 1, "f.npy: already exists; choose another --out or pass --force");
  EXPECT_EQ(embed({"--out", "f.npy", "--force", "-q"}).exit_code, 0);
  EXPECT_EQ(search::read_index(folder_ / "f.npy").table.rows, 8U);
  expect_error({"embed", "photos"}, 2, "--out: missing; for instance --out features.npy");
  expect_error({"embed", "photos", "--out", "f.bin"}, 2, "f.bin: not an index by its name, expected .npy, .safetensors or .csv");
  expect_error({"embed", "photso", "--out", "g.npy"}, 1, "photso: no such file or folder; did you mean 'photos'?");
  expect_error({"embed", "photos", "--out", "g.npy", "--size", "64", "--resize", "60"}, 2, "--resize 60: expected at least --size, 64");
  write_file(folder_ / "list.csv", std::string_view("path\nphotos/up/1.bmp\nphotos/up/11.bmp\n"));
  expect_error({"embed", "list.csv", "--out", "g.npy"}, 1, "list.csv:3: no such file 'photos/up/11.bmp'; did you mean 'photos/up/1.bmp'?");
}

class PredictNetwork : public Embed {};

TEST_F(PredictNetwork, AnswersWithItsOwnClasses) {
  const Finished csv = run(folder_, {"predict", "efficientnet_lite0", "photos/up/0.bmp", "--top", "5", "--csv", "-q"});
  ASSERT_EQ(csv.exit_code, 0) << csv.err;
  EXPECT_EQ(std::ranges::count(csv.out.substr(csv.out.find('\n')), ','), 10);
  const Finished json = run(folder_, {"predict", "efficientnet_lite0", "photos/up/0.bmp", "--top", "5", "--json"});
  const auto predictions = nlohmann::json::parse(json.out)["predictions"];
  ASSERT_EQ(predictions.size(), 5U);
  EXPECT_EQ(predictions[0]["label"], std::to_string(predictions[0]["index"].get<int>()));
  EXPECT_GE(predictions[0]["probability"], predictions[4]["probability"]);

  std::string names;
  for (int i = 0; i < 1000; ++i) names += "class " + std::to_string(i) + "\n";
  write_file(folder_ / "names.txt", names);
  const Finished named = run(folder_, {"predict", "efficientnet_lite0", "photos/up/0.bmp", "--labels", "names.txt", "--json", "-k", "1"});
  const auto first = nlohmann::json::parse(named.out)["predictions"][0];
  EXPECT_EQ(first["index"], predictions[0]["index"]);
  EXPECT_EQ(first["label"], "class " + predictions[0]["label"].get<std::string>());
}

TEST_F(PredictNetwork, Mistakes) {
  write_file(folder_ / "names.txt", std::string_view("ant\nbee\n"));
  expect_error({"predict", "efficientnet_lite0", "photos", "--labels", "names.txt"}, 1,
               "names.txt: 2 lines, expected 1000: one per class; give the names in the order of the network's outputs");
  expect_error({"predict", "eficientnet_lite0", "photos"}, 1,
               "eficientnet_lite0: no such run folder or model.onnx, and no pretrained network of that name; did you mean efficientnet_lite0?");
  expect_error({"predict", "name.txt", "photos"}, 1,
               "name.txt: no such run folder or model.onnx, and no pretrained network of that name; did you mean 'names.txt'?");
  expect_error({"predict", "photos", "photos", "--labels", "names.txt"}, 2, "--labels: a run has its own labels; use it with a pretrained network");
  expect_error({"predict", "efficientnet_lite0:head", "photos"}, 2,
               "efficientnet_lite0:head: ends at the stage 'head' and has no classes; for its features: graft embed PHOTOS --backbone "
               "efficientnet_lite0:head --out features.npy");
}

}  // namespace
}  // namespace graft

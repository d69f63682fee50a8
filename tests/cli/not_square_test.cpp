// Networks whose picture is no square, from the photos to the deployed file and back.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/program.h"
#include "graft/models/registry.h"
#include "graft/onnx/image_input.h"
#include "graft/search/index.h"
#include "graft/weights/file/safetensors.h"
#include "models/rule.h"
#include "onnx/made_model.h"

namespace graft {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class NotSquare : public testing::Test {
 protected:
  NotSquare() { make_photos(folder_ / "photos", {"round", "square"}, 8); }

  Finished graft(const std::vector<std::string>& words) {
    Finished done = run(folder_, words);
    EXPECT_EQ(done.exit_code, 0) << done.err;
    return done;
  }
  void expect_error(const std::vector<std::string>& words, int exit_code, const std::string& line) {
    expect_refused(run(folder_, words), exit_code, line);
  }
  /// A file that says its size, or leaves it free.
  void write_network(Size size) {
    onnx::MadeModel model;
    write_file(folder_ / "m.onnx", onnx::small_network(model.input("x", {-1, 3, size.height, size.width}), "x").output("logits").bytes());
  }
  void write_squeezenet() {
    graph::Graph graph = models::find("squeezenet1_1").build(1000, 64);
    rule::fill(graph);
    std::vector<weights::NamedTensor> tensors;
    for (const graph::Parameter& p : graph.parameters) tensors.push_back({p.name, p.shape, p.tensor.values});
    weights::write_safetensors(folder_ / "w.safetensors", tensors, {});
  }
  /// The run's model takes such pictures, and says so.
  void expect_model_of(const std::string& run, Size size) {
    const onnx::ModelProto model = onnx::read_model(folder_ / run / "model.onnx");
    EXPECT_EQ(onnx::image_input(model).size, size);
    EXPECT_EQ(json::parse(model.metadata.at("graft.preprocess")).at("crop"), json({size.height, size.width}));
    const auto config = read_file(folder_ / run / "config.toml");
    EXPECT_NE(as_text(config).find("size = \"" + to_string(size) + "\"  # "), std::string_view::npos) << as_text(config);
  }
  TestFolder folder_;
};

TEST_F(NotSquare, AFileThatSaysItsSize) {
  write_network({64, 32});
  EXPECT_TRUE(graft({"models", "m.onnx"}).out.starts_with("m.onnx: pictures of 64x32 as 'x', channels first\n"));
  graft({"fit", "photos", "--backbone", "m.onnx", "--mean", "0", "--std", "1", "--precision", "float32", "-q", "--out", "run"});
  expect_model_of("run", {64, 32});
  EXPECT_NE(graft({"predict", "run", "photos/round/0.bmp", "--tta", "ten", "--json"}).out.find("\"round\""), std::string::npos);
  EXPECT_EQ(json::parse(graft({"eval", "run", "photos", "--json"}).out).at("count"), 16);

  graft({"embed", "photos", "--backbone", "m.onnx", "--precision", "float32", "--out", "f.npy", "-q"});
  EXPECT_EQ(search::read_index(folder_ / "f.npy").info.preprocess.crop, Size(64, 32));
  const auto found = json::parse(graft({"search", "f.npy", "photos/round/2.bmp", "--top", "1", "--json", "-q"}).out).at("nearest").at(0);
  EXPECT_EQ(found.at("path"), "photos/round/2.bmp");
  EXPECT_NEAR(found.at("similarity").get<double>(), 1, 1e-5);
}

TEST_F(NotSquare, AFileThatLeavesItFree) {
  write_network({-1, -1});
  const json model = json::parse(graft({"models", "m.onnx", "--size", "96x64", "--json"}).out);
  EXPECT_EQ(model.at("input").at("size"), json({96, 64}));
  const std::vector<std::string> words{"predict", "m.onnx", "photos/round/0.bmp", "--json", "--size", "96x64"};
  EXPECT_EQ(json::parse(graft(words).out).at("predictions").size(), 3U);
  graft({"embed", "photos", "--backbone", "m.onnx", "--size", "32x96", "--resize", "40", "--precision", "float32", "--out", "f.npy", "-q"});
  const search::Index index = search::read_index(folder_ / "f.npy");
  EXPECT_EQ(index.info.preprocess.crop, Size(32, 96));
  EXPECT_EQ(index.info.preprocess.cover(), Size(40, 120));
}

/// By steps, with every kind of augmentation; the run repeats itself, and another begins with it.
TEST_F(NotSquare, TrainsBySteps) {
  write_squeezenet();
  const std::vector<std::string> words{"fit",
                                       "photos",
                                       "--backbone",
                                       "squeezenet1_1",
                                       "--weights",
                                       "w.safetensors",
                                       "--size",
                                       "96x48",
                                       "--strategy",
                                       "partial",
                                       "--epochs",
                                       "1",
                                       "--batch",
                                       "6",
                                       "--augment",
                                       "strong",
                                       "--rotation",
                                       "10",
                                       "--blur",
                                       "1",
                                       "--cutmix",
                                       "1",
                                       "--perspective",
                                       "0.3",
                                       "--precision",
                                       "float32",
                                       "-q",
                                       "--out",
                                       "run"};
  graft(words);
  expect_model_of("run", {96, 48});
  graft({"predict", "run", "photos/round/0.bmp"});
  graft({"fit", "--config", "run/config.toml", "--out", "again", "-q"});
  EXPECT_EQ(read_file(folder_ / "again/model.onnx"), read_file(folder_ / "run/model.onnx"));
  graft({"fit", "photos", "--from", "run", "--strategy", "head", "--precision", "float32", "-q", "--out", "from"});
  expect_model_of("from", {96, 48});
}

TEST_F(NotSquare, Errors) {
  write_network({64, 32});
  const std::string fact = ": expected a side or HEIGHTxWIDTH or auto";
  expect_error({"fit", "photos", "--size", "64x"}, 2, "--size 64x" + fact);
  expect_error({"fit", "photos", "--size", "64x2000"}, 2, "--size 64x2000: expected between 8 and 1024");
  expect_error({"embed", "photos", "--backbone", "deit_s_16", "--size", "96x100", "--out", "f.npy"}, 2,
               "deit_s_16 input size: 100 is not a multiple of the patch of 16; choose --size 96 or 112");
  expect_error({"embed", "photos", "--backbone", "m.onnx", "--size", "64x32", "--resize", "31", "--out", "f.npy", "-q"}, 2,
               "--resize 31: expected at least the shorter side of --size, 32");
  expect_error({"models", "resnet18", "--size", "64x32"}, 2,
               "--size: is for what an ONNX file has; for instance graft models encoder.onnx --size 256x128");
  expect_error({"predict", "efficientnet_lite0", "photos/round/0.bmp", "--size", "64x32"}, 2,
               "--size: is for a network from a file that graft did not write; omit --size");
}

}  // namespace
}  // namespace graft

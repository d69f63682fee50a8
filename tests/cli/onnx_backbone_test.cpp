#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>

#include "cli/program.h"
#include "graft/base/json.h"
#include "onnx/made_model.h"

namespace graft {
namespace {

namespace fs = std::filesystem;

class OnnxBackbone : public testing::Test {
 protected:
  void SetUp() override { make_photos(folder / "photos", {"round", "square"}, 8); }
  void take(const std::string& name) const {
    for (const char* end : {".onnx", ".onnx.data"}) {
      const fs::path from = fs::path(GRAFT_TESTS) / "onnx" / "fixtures" / (name + end);
      if (fs::exists(from)) fs::copy_file(from, folder / (name + end));
    }
  }
  std::string error(const std::vector<std::string>& words, int code) const {
    const Finished done = run(folder, words);
    EXPECT_EQ(done.exit_code, code) << done.err;
    EXPECT_EQ(listing(folder.path() / "run"), std::vector<std::string>{});
    return done.err;
  }
  std::vector<std::string> fit_with(const std::string& backbone, std::vector<std::string> more = {}) const {
    std::vector<std::string> words{"fit", "photos", "--out", "run", "--precision", "float32", "--quiet", "--backbone", backbone};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  TestFolder folder;
};

/// A network that becomes a Graph, and one that stays what it is: both deploy as one file.
TEST_F(OnnxBackbone, FitAndPredict) {
  for (const std::string name : {"external", "timm_vit"}) {
    take(name);
    const Finished fitted = run(folder, fit_with(name + ".onnx", {"--json"}));
    ASSERT_EQ(fitted.exit_code, 0) << fitted.err;
    const auto json = nlohmann::json::parse(fitted.out);
    EXPECT_GE(json.at("train_accuracy").get<double>(), 0.9) << name;
    const auto model = read_file(folder / "run" / "model.onnx");
    EXPECT_EQ(as_text(model).find("/tests/"), std::string_view::npos);  // no place of this machine
    fs::remove(folder / (name + ".onnx"));                              // the model stands alone
    fs::remove(folder / (name + ".onnx.data"));
    const Finished predicted = run(folder, {"predict", "run", "photos/round/0.bmp", "--json"});
    EXPECT_EQ(predicted.exit_code, 0) << predicted.err;
    EXPECT_NE(predicted.out.find("\"round\""), std::string::npos) << predicted.out;
    fs::remove_all(folder / "run");
  }
}

TEST_F(OnnxBackbone, SaysWhatItTookForGranted) {
  take("channels_last");
  std::vector<std::string> words = fit_with("channels_last.onnx", {"--size", "32", "--tensor", "encoded"});
  std::erase(words, "--quiet");
  const Finished done = run(folder, words);
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_NE(done.err.find("channels_last.onnx does not say how its pictures are normalized: taken as "), std::string::npos) << done.err;
  EXPECT_NE(done.err.find("; override this with --mean, --std and --channels\n"), std::string::npos) << done.err;
  EXPECT_NE(done.err.find("channels_last.onnx is used frozen, up to its tensor encoded (12 features), since graft has no operator for it: node of "
                          "'scaled': a product with a constant\n"),
            std::string::npos)
      << done.err;
  EXPECT_NE(done.err.find("its features are the average over a map of 12x8x8\n"), std::string::npos) << done.err;
}

TEST_F(OnnxBackbone, ModelsTellsWhatBecomesOfAFile) {
  take("dynamo_resnet");
  take("channels_last");
  const Finished graph = run(folder, {"models", "dynamo_resnet.onnx"});
  EXPECT_EQ(graph.exit_code, 0) << graph.err;
  EXPECT_TRUE(graph.out.starts_with("dynamo_resnet.onnx: pictures of 64x64 as 'image', channels first\nbecomes a network of 5 stages: "))
      << graph.out;
  const Finished frozen = run(folder, {"models", "channels_last.onnx", "--json"});
  EXPECT_EQ(frozen.exit_code, 0) << frozen.err;
  const auto json = nlohmann::json::parse(frozen.out);
  EXPECT_EQ(json.at("graph"), false);
  EXPECT_EQ(json.at("reason"), "node of 'scaled': a product with a constant");
  EXPECT_EQ(json.at("tensor"), "mean");
  EXPECT_EQ(json.at("tensors").at(0).dump(), R"({"name":"patches","shape":[12,56,56]})");
}

/// Numbers that only tell the photos apart in 0..255: the scale is found, taken and written down.
TEST_F(OnnxBackbone, ScaleFoundByCrossValidation) {
  fs::remove_all(folder / "photos");
  for (int i = 0; i < 24; ++i)
    for (const int kind : {0, 1}) {  // a little below and above 128, on a ground of any brightness below that
      std::string rgb(32 * 32 * 3, static_cast<char>(40 + 3 * i));
      for (std::size_t at = 0; at < rgb.size() / 2; ++at) rgb[at] = static_cast<char>(kind == 0 ? 100 : 160);
      write_file(folder / "photos" / (kind == 0 ? "dark" : "light") / (std::to_string(i) + ".bmp"),
                 bmp(std::span(reinterpret_cast<const uint8_t*>(rgb.data()), rgb.size()), 32, 32));
    }
  onnx::MadeModel model;
  std::vector<float> kernels(16 * 3, 1.F / 3), thresholds(16);
  for (std::size_t k = 0; k < 16; ++k) thresholds[k] = -120.F - static_cast<float>(k);  // nothing passes below
  model.input("x", {-1, 3, 32, 32}).floats("k", {16, 3, 1, 1}, kernels).floats("b", {16}, thresholds).noise("w", {2, 16}, 1).noise("c", {2}, 1);
  model.node("Conv", {"x", "k", "b"}, {"map"}).node("Relu", {"map"}, {"active"}).node("GlobalAveragePool", {"active"}, {"mean"});
  model.node("Flatten", {"mean"}, {"f"}).node("Gemm", {"f", "w", "c"}, {"y"}, {{"transB", int64_t{1}}}).output("y");
  write_file(folder / "m.onnx", model.bytes());
  std::vector<std::string> words = fit_with("m.onnx");
  std::erase(words, "--quiet");
  const Finished done = run(folder, words);
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_NE(done.err.find("m.onnx does not say how its pictures are normalized: taken as 0..255; cross-validated log loss on training photos: "),
            std::string::npos)
      << done.err;
  const auto config = read_file(folder / "run" / "config.toml");
  EXPECT_NE(as_text(config).find("mean = \"0,0,0\"  # chosen: cross-validated log loss "), std::string_view::npos) << as_text(config);
}

TEST_F(OnnxBackbone, WhatStaysFrozenCannotBeTrained) {
  take("channels_last");
  EXPECT_EQ(error(fit_with("channels_last.onnx", {"--size", "32", "--tensor", "encoded", "--strategy", "partial", "--mean", "0", "--std", "1"}), 2),
            "graft: --strategy partial: channels_last.onnx stays frozen, since graft has no operator for it: node of 'scaled': a product with a "
            "constant; omit --strategy, or choose head\n");
}

/// A network that was exported for one picture at a time takes many, here and as the model that is written.
TEST_F(OnnxBackbone, OneThatHoldsItsBatch) {
  take("fixed_batch");
  const Finished fitted = run(folder, fit_with("fixed_batch.onnx", {"--mean", "0", "--std", "1", "--tensor", "/Reshape_output_0"}));
  ASSERT_EQ(fitted.exit_code, 0) << fitted.err;
  EXPECT_EQ(run(folder, {"predict", "run", "photos", "-q"}).exit_code, 0);
}

TEST_F(OnnxBackbone, Errors) {
  take("channels_last");
  take("torchscript_vit");
  EXPECT_EQ(error(fit_with("none.onnx"), 1), "graft: none.onnx: no such file; see `graft models` for networks by name\n");
  EXPECT_EQ(error(fit_with("channels_last.onnx", {"--tensor", "encodet"}), 2),
            "graft: --tensor encodet: no such tensor in channels_last.onnx; did you mean encoded?\n");
  EXPECT_EQ(error(fit_with("channels_last.onnx", {"--mean", "0.5,0.5"}), 2),
            "graft: --mean 0.5,0.5: 2 numbers, expected one or three; of values in 0..1, in the order red, green, blue\n");
  EXPECT_EQ(error(fit_with("channels_last.onnx", {"--std", "0"}), 2),
            "graft: --std 0: expected one number above 0, or three, separated by commas; of values in 0..1, in the order red, green, blue\n");
  EXPECT_EQ(error(fit_with("channels_last.onnx", {"--weights", "w.pth"}), 2),
            "graft: --weights: a backbone from a file has its own; omit --weights\n");
  EXPECT_EQ(error(fit_with("resnet18", {"--tensor", "x"}), 2),
            "graft: --tensor: is for a backbone from a file, resnet18 knows its own; for instance --backbone encoder.onnx\n");
  EXPECT_NE(error(fit_with("torchscript_vit.onnx", {"--size", "48"}), 1).find("; omit --size, the file says 32\n"), std::string::npos);
  write_file(folder / "cut.onnx", as_text(read_file(folder / "torchscript_vit.onnx")).substr(0, 20000));
  EXPECT_EQ(error(fit_with("cut.onnx"), 1), "graft: cut.onnx: truncated, or not an ONNX file; copy the file again\n");
}

}  // namespace
}  // namespace graft

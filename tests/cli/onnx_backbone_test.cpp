#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/program.h"
#include "graft/base/json.h"

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
  EXPECT_NE(done.err.find("channels_last.onnx does not say how its pictures are normalised: taken as ImageNet's mean 0.485,0.456,0.406 and deviation "
                          "0.229,0.224,0.225; say otherwise with --mean, --std and --filter\n"),
            std::string::npos)
      << done.err;
  EXPECT_NE(
      done.err.find("channels_last.onnx is used frozen, up to its tensor encoded, since graft has no operator for it: node of 'scaled': a product "
                    "with a constant\n"),
      std::string::npos)
      << done.err;
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

TEST_F(OnnxBackbone, Errors) {
  take("channels_last");
  take("torchscript_vit");
  take("fixed_batch");
  EXPECT_EQ(error(fit_with("none.onnx"), 1), "graft: none.onnx: no such file; see `graft models` for networks by name\n");
  EXPECT_EQ(error(fit_with("channels_last.onnx", {"--tensor", "encodet"}), 2),
            "graft: --tensor encodet: no such tensor in channels_last.onnx; did you mean encoded?\n");
  EXPECT_EQ(error(fit_with("channels_last.onnx", {"--mean", "0.5,0.5"}), 2),
            "graft: --mean 0.5,0.5: 2 numbers, expected one or three; of values in 0..1, in the order red, green, blue\n");
  EXPECT_EQ(error(fit_with("channels_last.onnx", {"--std", "0"}), 2),
            "graft: --std 0: expected one number above 0, or three with commas between them; of values in 0..1, in the order red, green, blue\n");
  EXPECT_EQ(error(fit_with("channels_last.onnx", {"--weights", "w.pth"}), 2),
            "graft: --weights: a backbone from a file brings its own; leave --weights away\n");
  EXPECT_EQ(error(fit_with("resnet18", {"--tensor", "x"}), 2),
            "graft: --tensor: is for a backbone from a file, resnet18 knows its own; for instance --backbone encoder.onnx\n");
  EXPECT_NE(error(fit_with("torchscript_vit.onnx", {"--size", "48"}), 1).find("; leave --size away, the file says 32\n"), std::string::npos);
  EXPECT_NE(error(fit_with("fixed_batch.onnx"), 1).find("; export the model with a dynamic batch\n"), std::string::npos);
  write_file(folder / "cut.onnx", as_text(read_file(folder / "torchscript_vit.onnx")).substr(0, 20000));
  EXPECT_EQ(error(fit_with("cut.onnx"), 1), "graft: cut.onnx: truncated, or not an ONNX file; copy the file again\n");
}

}  // namespace
}  // namespace graft

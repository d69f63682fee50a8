// The main job end to end: photos to a run folder, and the run folder to answers.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/program.h"
#include "graft/onnx/read.h"

namespace graft {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::vector<std::byte> bytes_of(const fs::path& file) { return read_file(file); }

class Fit : public testing::Test {
 protected:
  Fit() { make_photos(folder_ / "photos", {"across", "down", "wide"}, 12); }

  json fit(std::vector<std::string> more = {}) {
    std::vector<std::string> words{"fit", "photos", "--json", "--quiet", "--precision", "float32"};
    words.insert(words.end(), more.begin(), more.end());
    const Finished done = run(folder_, words);
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_EQ(done.err, "");
    return json::parse(done.out);
  }

  TestFolder folder_;
};

TEST_F(Fit, LeavesAWholeRunThatPredictEvalAndExamplesUse) {
  const json result = fit({"--out", "run"});
  EXPECT_EQ(result["train_images"], 30);  // 20 % of 12 are 2 a class
  EXPECT_EQ(result["val_images"], 6);
  EXPECT_EQ(result["evaluation"]["accuracy"], 1.0);
  EXPECT_EQ(result["config"]["l2"]["source"], "chosen");
  EXPECT_EQ(result["config"]["precision"]["source"], "flag");
  EXPECT_EQ(listing(folder_ / "run"), files_of_a_run());
  EXPECT_EQ(json::parse(as_text(bytes_of(folder_ / "run" / "eval.json"))), result["evaluation"]);

  const auto model = bytes_of(folder_ / "run" / "model.onnx");
  const onnx::Header header = onnx::read_header(model, "model.onnx");
  EXPECT_EQ(json::parse(header.metadata.at("graft.labels")), (json{"across", "down", "wide"}));
  EXPECT_EQ(header.output, graph::Dims{3});

  const Finished predicted = run(folder_, {"predict", "run", "photos/down/3.bmp", "photos/wide", "--json", "-q"});
  EXPECT_EQ(predicted.exit_code, 0) << predicted.err;
  const json first = json::parse(predicted.out.substr(0, predicted.out.find('\n')));
  EXPECT_EQ(first["path"], "photos/down/3.bmp");
  EXPECT_EQ(first["predictions"][0]["label"], "down");
  EXPECT_GT(first["predictions"][0]["probability"], 0.5);
  EXPECT_EQ(std::count(predicted.out.begin(), predicted.out.end(), '\n'), 13);

  const Finished csv = run(folder_, {"predict", "run/model.onnx", "photos/across/0.bmp", "--csv", "--top", "1"});
  EXPECT_TRUE(csv.out.starts_with("path,label,probability\nphotos/across/0.bmp,across,0.")) << csv.out;

  const Finished evaluated = run(folder_, {"eval", "run", "photos", "--json"});
  EXPECT_EQ(json::parse(evaluated.out)["count"], 36);
  const json views = json::parse(run(folder_, {"eval", "run", "photos", "--json", "-q", "--tta", "ten"}).out);
  EXPECT_EQ(views["count"], 36);
  EXPECT_NE(views["log_loss"], json::parse(evaluated.out)["log_loss"]);
  expect_refused(run(folder_, {"predict", "run", "photos", "--tta", "tan"}), 2, "--tta tan: expected none, mirror, five or ten; did you mean ten?");

  const Finished example = run(folder_, {"run", "photos/wide/1.bmp"}, EXAMPLE_PREDICT);
  EXPECT_TRUE(example.out.starts_with("photos/wide/1.bmp wide ")) << example.out << example.err;
}

TEST_F(Fit, ASecondRunUsesTheCacheAndGivesTheSameBytes) {
  const json cold = fit({"--out", "a"}), warm = fit({"--out", "b"}),
             other = fit({"--out", "c", "--no-skip-unreadable", "--l2", "0.5", "--threads", "1"});
  EXPECT_EQ(cold["cached"], 0);
  EXPECT_EQ(warm["cached"], 36);
  EXPECT_EQ(bytes_of(folder_ / "a" / "model.onnx"), bytes_of(folder_ / "b" / "model.onnx"));
  EXPECT_EQ(bytes_of(folder_ / "a" / "weights.safetensors"), bytes_of(folder_ / "b" / "weights.safetensors"));
  EXPECT_NE(bytes_of(folder_ / "a" / "model.onnx"), bytes_of(folder_ / "c" / "model.onnx"));
  EXPECT_EQ(fit({"--out", "d", "--cache-limit", "0"})["cached"], 0);

  const Finished listed = run(folder_, {"cache", "--json"});
  EXPECT_EQ(json::parse(listed.out)["networks"][0]["images"], 36);
  const Finished cleared = run(folder_, {"cache", "--clear", "--json"});
  EXPECT_EQ(json::parse(cleared.out)["networks"].size(), 0U);
}

TEST_F(Fit, TheConfigItWritesGivesTheSameRunAgain) {
  fit({"--out", "a", "--seed", "3", "--class-weights", "balanced"});
  const std::string toml(as_text(bytes_of(folder_ / "a" / "config.toml")));
  EXPECT_NE(toml.find("seed = 3  # flag"), std::string::npos) << toml;
  const Finished again = run(folder_, {"fit", "--config", "a/config.toml", "--out", "b", "-q"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(bytes_of(folder_ / "a" / "model.onnx"), bytes_of(folder_ / "b" / "model.onnx"));
}

TEST_F(Fit, OddNamesOfFilesAndClassesSurvive) {
  const std::string odd = "it's \"odd\", käse", invalid = "bad\xFF";
  make_photos(folder_ / "names", {odd, invalid}, 4);
  const Finished done = run(folder_, {"fit", "names", "-o", "run", "-q"});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  const Finished predicted = run(folder_, {"predict", "run", "names/" + invalid + "/0.bmp", "names/" + odd + "/1.bmp", "--csv", "-q", "-k", "1"});
  EXPECT_TRUE(predicted.out.starts_with("path,label,probability\nnames/bad\\xff/0.bmp,bad\\xff,0.")) << predicted.out;
  EXPECT_NE(predicted.out.find("\n\"names/it's \"\"odd\"\", käse/1.bmp\",\"it's \"\"odd\"\", käse\",0."), std::string::npos) << predicted.out;
}

TEST_F(Fit, TablesAndGivenValidationAreUsed) {
  write_file(folder_ / "labels.csv",
             std::string_view(
                 "path,label\nphotos/across/0.bmp,a\nphotos/across/1.bmp,a\nphotos/across/2.bmp,a\nphotos/down/0.bmp,b\nphotos/down/1.bmp,b\n"));
  write_file(folder_ / "val.csv", std::string_view("photos/across/5.bmp,a\nphotos/down/6.bmp,b\n"));
  const Finished done = run(folder_, {"fit", "labels.csv", "--val", "val.csv", "--out", "run", "--json", "-q"});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_EQ(json::parse(done.out)["train_images"], 5);
  EXPECT_EQ(json::parse(done.out)["val_images"], 2);
}

TEST_F(Fit, EveryStageAndTheMirrorImageAreInTheDeployedModel) {
  const json stages = fit({"--out", "stages", "--features", "stages", "--mirror"}),
             last = fit({"--out", "last", "--features", "last", "--no-mirror"});
  EXPECT_EQ(stages["config"]["features"]["source"], "flag");
  const auto width = [&](const char* name) {  // of the new layer, from the header of the weights
    const auto bytes = read_file(folder_ / name / "weights.safetensors");
    const std::string_view header = as_text(Bytes(bytes)).substr(8);
    return json::parse(header.substr(0, header.find("}}") + 2))["classifier.weight"]["shape"][1];
  };
  EXPECT_EQ(width("last"), 1280);
  EXPECT_EQ(width("stages"), 1280 + 16 + 24 + 40 + 80 + 112 + 192 + 320);

  // The mirror image of a photo gets the same answer from the model that looks at both.
  const auto probability = [&](const char* run_name, const std::string& photo) {
    return json::parse(run(folder_, {"predict", run_name, photo, "--json", "-k", "1", "--precision", "float32"}).out)["predictions"][0]["probability"]
        .get<double>();
  };
  std::string rgb;
  const std::string plain = made_photo(0, 3, 96, 96);
  for (int y = 95; y >= 0; --y)
    for (int x = 95; x >= 0; --x)
      for (int c = 2; c >= 0; --c) rgb += plain[static_cast<std::size_t>(54 + (y * 96 + x) * 3 + c)];
  write_file(folder_ / "plain.bmp", plain);
  write_file(folder_ / "mirror.bmp", bmp(std::span(reinterpret_cast<const uint8_t*>(rgb.data()), rgb.size()), 96, 96));
  EXPECT_NEAR(probability("stages", "plain.bmp"), probability("stages", "mirror.bmp"), 1e-5);
  EXPECT_GT(std::abs(probability("last", "plain.bmp") - probability("last", "mirror.bmp")), 1e-5);
}

TEST_F(Fit, OtherSizesAreKeptInTheModel) {
  const json result = fit({"--out", "run", "--size", "96"});
  EXPECT_EQ(result["config"]["resize"]["value"], 110);  // 96 * 256 / 224
  const auto model = bytes_of(folder_ / "run" / "model.onnx");
  EXPECT_EQ(onnx::read_header(model, "model.onnx").input, (graph::Dims{3, 96, 96}));
  EXPECT_EQ(run(folder_, {"predict", "run", "photos/down/3.bmp"}).exit_code, 0);
  const Finished bad = run(folder_, {"fit", "photos", "--size", "96", "--resize", "64"});
  EXPECT_EQ(bad.exit_code, 2);
  EXPECT_EQ(bad.err.substr(bad.err.rfind("graft: ")), "graft: --resize 64: expected at least --size, 96\n");
}

TEST_F(Fit, TheExampleTrains) {
  const Finished done = run(folder_, {"photos", "run"}, EXAMPLE_FIT);
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_TRUE(done.out.starts_with("accuracy 1.000 (95 % interval ")) << done.out;
  EXPECT_TRUE(fs::exists(folder_ / "run" / "model.onnx"));
}

}  // namespace
}  // namespace graft

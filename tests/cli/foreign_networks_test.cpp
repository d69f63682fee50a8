// Networks that graft did not write, where photos have no labels: embed, search, predict; and files that are no network at all.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/program.h"
#include "graft/search/index.h"
#include "onnx/made_model.h"

namespace graft {
namespace {

using namespace std::string_view_literals;

class ForeignNetworks : public testing::Test {
 protected:
  ForeignNetworks() { make_photos(folder_ / "photos", {"down", "up"}, 4); }
  void write_network(const std::string& name, int64_t classes, const std::string& answer = "") {
    onnx::MadeModel model;
    onnx::small_network(model.input("x", {-1, 3, 32, 32}), "x", 1, 3, classes);
    if (!answer.empty()) model.node(answer, {"logits"}, {"answer"});
    write_file(folder_ / name, model.output(answer.empty() ? "logits" : "answer").bytes());
  }
  void expect_error(const std::vector<std::string>& words, int exit_code, const std::string& line) {
    expect_refused(run(folder_, words), exit_code, line);
  }
  TestFolder folder_;
};

TEST_F(ForeignNetworks, EmbedAndSearch) {
  write_network("m.onnx", 4);
  const Finished done = run(folder_, {"embed", "photos", "--backbone", "m.onnx", "--precision", "float32", "--out", "f.npy"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_NE(
      done.err.find("m.onnx does not say how its pictures are normalized: taken as ImageNet's; override this with --mean, --std and --channels\n"),
      std::string::npos)
      << done.err;
  const search::Index index = search::read_index(folder_ / "f.npy");
  EXPECT_EQ(index.table.width, 16U);
  EXPECT_EQ(index.info.backbone, (folder_ / "m.onnx").string());
  EXPECT_EQ(index.info.preprocess.crop, 32);

  // numbers and colours that are said, and another end of the network
  const std::vector<std::string> other{"embed", "photos", "--backbone", "m.onnx",     "--precision", "float32", "--tensor", "logits", "--mean",
                                       "0",     "--std",  "1",          "--channels", "bgr",         "--out",   "g.npy",    "-q"};
  ASSERT_EQ(run(folder_, other).exit_code, 0);
  const search::Index said = search::read_index(folder_ / "g.npy");
  EXPECT_EQ(said.table.width, 4U);
  EXPECT_EQ(said.info.preprocess.mean, (std::array<float, 3>{0, 0, 0}));
  for (const char* file : {"f.npy", "g.npy"}) {  // the photo itself is the nearest: it is embedded in the same way
    const Finished found = run(folder_, {"search", file, "photos/up/2.bmp", "--top", "1", "--json", "-q"});
    ASSERT_EQ(found.exit_code, 0) << found.err;
    const auto nearest = nlohmann::json::parse(found.out).at("nearest").at(0);
    EXPECT_EQ(nearest.at("path"), "photos/up/2.bmp");
    EXPECT_NEAR(nearest.at("similarity").get<double>(), 1, 1e-5);
  }
  std::filesystem::remove(folder_ / "m.onnx");
  expect_error({"search", "f.npy", "photos/up/2.bmp"}, 1, "m.onnx: no such file, but the index was made with it; say where it is with --weights");
}

/// An index names its network from its own folder: it opens from any other, and when both are moved.
TEST_F(ForeignNetworks, AnIndexOpensFromAnotherFolder) {
  write_network("m.onnx", 4);
  for (const char* folder : {"rows", "elsewhere", "moved"}) std::filesystem::create_directory(folder_ / folder);
  for (const std::string file : {"f.npy", "f.safetensors", "f.csv"}) {
    ASSERT_EQ(run(folder_, {"embed", "photos", "--backbone", "m.onnx", "--precision", "float32", "--out", "rows/" + file}).exit_code, 0);
    const std::vector<std::string> words{"search", "../rows/" + file, "../photos/up/2.bmp", "--top", "1", "-q"};
    const Finished far = Program(folder_ / "elsewhere", words, GRAFT_BINARY).wait();
    EXPECT_EQ(far.exit_code, 0) << file << far.err;
  }
  std::filesystem::rename(folder_ / "rows", folder_ / "moved/rows");
  std::filesystem::rename(folder_ / "m.onnx", folder_ / "moved/m.onnx");
  EXPECT_EQ(run(folder_, {"search", "moved/rows/f.npy", "photos/up/2.bmp", "--top", "1", "-q"}).exit_code, 0);
}

/// As indexes were written: the network as it was given, from the folder that the command ran in.
TEST_F(ForeignNetworks, AnOlderIndexOpensWhereItWasMade) {
  write_network("m.onnx", 4);
  std::filesystem::create_directory(folder_ / "rows");
  ASSERT_EQ(run(folder_, {"embed", "photos", "--backbone", "m.onnx", "--precision", "float32", "--out", "rows/f.npy"}).exit_code, 0);
  nlohmann::json info = nlohmann::json::parse(as_text(read_file(folder_ / "rows/f.npy.json")));
  EXPECT_EQ(info.at("backbone"), "../m.onnx");
  info["backbone"] = "m.onnx";
  write_file(folder_ / "rows/f.npy.json", std::string_view(info.dump()));
  EXPECT_EQ(run(folder_, {"search", "rows/f.npy", "photos/up/2.bmp", "--top", "1", "-q"}).exit_code, 0);
}

TEST_F(ForeignNetworks, PredictWithItsOwnClasses) {
  write_network("m.onnx", 4, "Softmax");
  const Finished done = run(folder_, {"predict", "m.onnx", "photos/up/0.bmp", "--json", "-k", "4"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_NE(done.err.find("m.onnx does not say how its pictures are normalized"), std::string::npos) << done.err;
  const auto predictions = nlohmann::json::parse(done.out).at("predictions");
  ASSERT_EQ(predictions.size(), 4U);
  double sum = 0;
  for (const auto& p : predictions) sum += p.at("probability").get<double>();
  EXPECT_NEAR(sum, 1, 1e-5);
  write_file(folder_ / "names.txt", std::string_view("a\nb\nc\nd\n"));
  const Finished named =
      run(folder_, {"predict", "m.onnx", "photos/up/0.bmp", "--labels", "names.txt", "--mean", "0.5", "--std", "0.5", "--json", "-k", "1"});
  ASSERT_EQ(named.exit_code, 0) << named.err;
  EXPECT_EQ(named.err.find("does not say"), std::string::npos) << named.err;
  const auto first = nlohmann::json::parse(named.out).at("predictions").at(0);
  EXPECT_EQ(first.at("label"), std::string(1, static_cast<char>('a' + first.at("index").get<int>())));
}

/// Behind a sigmoid each class is answered for itself.
TEST_F(ForeignNetworks, PredictBehindASigmoid) {
  write_network("m.onnx", 4, "Sigmoid");
  const Finished done = run(folder_, {"predict", "m.onnx", "photos/up/0.bmp", "--csv", "-q"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_TRUE(done.out.starts_with("path,label,probability of 0,probability of 1,probability of 2,probability of 3\n")) << done.out;
}

TEST_F(ForeignNetworks, Mistakes) {
  write_network("one.onnx", 1, "Sigmoid");
  expect_error({"predict", "one.onnx", "photos"}, 1,
               "one.onnx: its output is one number, expected one for each of several classes; train your own layer on it: graft fit PHOTOS "
               "--backbone FILE");
  expect_error({"predict", "efficientnet_lite0", "photos", "--mean", "0"}, 2,
               "--mean: is for a network from a file that graft did not write; omit --mean");
  expect_error({"embed", "photos", "--tensor", "x", "--out", "f.npy"}, 2,
               "--tensor: is for a backbone from a file, efficientnet_lite0 knows its own; for instance --backbone encoder.onnx");
  expect_error({"embed", "photos", "--backbone", "one.onnx", "--weights", "w.pth", "--out", "f.npy"}, 2,
               "--weights: a backbone from a file has its own weights; omit --weights");
  expect_error({"embed", "photos", "--backbone", "none.onnx", "--out", "f.npy"}, 1,
               "none.onnx: no such file; see `graft models` for networks by name");
}

TEST_F(ForeignNetworks, FilesOfOtherKindsAreNamed) {
  write_file(folder_ / "m.tflite", "\x1c\0\0\0TFL3 and so on"sv);
  const std::string line = "m.tflite: is a TensorFlow Lite model; write it as ONNX: python -m tf2onnx.convert --tflite FILE --output model.onnx";
  expect_error({"fit", "photos", "--backbone", "m.tflite", "--out", "run", "-q"}, 1, line);
  expect_error({"embed", "photos", "--backbone", "m.tflite", "--out", "f.npy"}, 1, line);
  expect_error({"predict", "m.tflite", "photos"}, 1, line);
  expect_error({"models", "m.tflite"}, 1, line);
  write_file(folder_ / "saved" / "saved_model.pb", "\x08\x01"sv);
  expect_error({"fit", "photos", "--backbone", "saved", "--out", "run", "-q"}, 1,
               "saved: is a folder that TensorFlow saved, expected an ONNX file; write it as ONNX: python -m tf2onnx.convert --saved-model FOLDER "
               "--output model.onnx");
}

}  // namespace
}  // namespace graft

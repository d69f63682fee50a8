#include "graft/engine/engine.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "folder.h"
#include "graft/base/error.h"
#include "graft/engine/precision.h"
#include "graft/graph/walks.h"
#include "graft/models/registry.h"
#include "graft/onnx/write.h"
#include "graft/weights/load.h"
#include "models/rule.h"

namespace graft::engine {
namespace {

std::vector<float> logits_of(const graph::Graph& graph, const data::Preprocess& preprocess, int batch, std::size_t n) {
  Engine engine(onnx::write(graph), graph.name, preprocess, {Precision::float32, 2, batch});
  std::vector<uint8_t> rows;
  for (std::size_t i = 0; i < n; ++i) {
    const std::vector<uint8_t> picture = rule::picture(preprocess.crop);
    rows.insert(rows.end(), picture.begin(), picture.end());
  }
  std::vector<float> out(n * engine.width());
  engine.run(rows, n, out);
  return out;
}

nlohmann::json read_golden(const std::string& file) {
  std::ifstream stream(GRAFT_TESTS "/models/goldens/" + file + ".json");
  return nlohmann::json::parse(stream);
}

void expect_golden(const graph::Graph& graph, data::Preprocess preprocess, const std::string& file) {
  const nlohmann::json golden = read_golden(file);
  preprocess.crop = golden["size"];
  const std::vector<float> ours = logits_of(graph, preprocess, 1, 1);
  ASSERT_EQ(ours.size(), 1000U);
  const double bound = 1e-4 * golden["largest"].get<double>();
  for (const auto& entry : golden["logits"])
    EXPECT_NEAR(ours[entry[0].get<std::size_t>()], entry[1].get<double>(), bound) << file << " logit " << entry[0];
}

class Parity : public testing::TestWithParam<std::string> {};

TEST_P(Parity, LogitsOfTheReferenceImplementation) {
  const models::Backbone& row = models::find(GetParam());
  graph::Graph graph = row.build(1000, read_golden(row.name)["size"]);
  rule::fill(graph);
  expect_golden(graph, row.preprocess(), row.name);
}

std::vector<std::string> every_backbone() {
  std::vector<std::string> names;
  for (const models::Backbone& row : models::all()) names.push_back(row.name);
  return names;
}
INSTANTIATE_TEST_SUITE_P(EveryBackbone, Parity, testing::ValuesIn(every_backbone()), [](const auto& row) { return row.param; });

TEST(Pretrained, EfficientNetLite0FromItsPackage) {
  const models::Backbone& row = models::find("efficientnet_lite0");
  graph::Graph graph = row.build(1000, row.preprocess().crop);
  const models::Source& source = row.sources.front();
  weights::load(weights::read(std::filesystem::path(GRAFT_DEPS) / "weights" / source.file), graph, {.rename = source.rename});
  expect_golden(graph, row.preprocess(), "efficientnet_lite0.pretrained");
}

TEST(Headless, Vgg11UpToItsLastBlockAt150) {
  std::ifstream stream(GRAFT_TESTS "/models/goldens/vgg11.headless.json");
  const nlohmann::json golden = nlohmann::json::parse(stream);
  graph::Graph whole = models::find("vgg11").build(1000, 150);
  rule::fill(whole);
  const graph::Graph features = graph::features(graph::until(whole, golden["stage"]));
  data::Preprocess preprocess = models::find("vgg11").preprocess();
  preprocess.crop = 150;
  const std::vector<float> ours = logits_of(features, preprocess, 1, 1);
  ASSERT_EQ(ours.size(), 512U);
  for (const auto& entry : golden["features"])
    EXPECT_NEAR(ours[entry[0].get<std::size_t>()], entry[1].get<double>(), 1e-4 * golden["largest"].get<double>()) << entry[0];
}

TEST(Engine, ABatchThatIsNotFullGivesTheSameAnswers) {
  graph::Graph graph = models::find("squeezenet1_1").build(5, 64);
  rule::fill(graph);
  const data::Preprocess preprocess{.resize = 64, .crop = 64};
  const std::vector<float> one = logits_of(graph, preprocess, 1, 1), seven = logits_of(graph, preprocess, 4, 7);
  for (std::size_t i = 0; i < seven.size(); ++i) EXPECT_NEAR(seven[i], one[i % 5], 1e-5F) << i;
}

TEST(Engine, AFileThatIsNoModelIsAnErrorWithItsName) {
  try {
    Engine("nonsense", "model.onnx", {}, {});
    FAIL();
  } catch (const Error& e) {
    EXPECT_TRUE(std::string(e.what()).starts_with("model.onnx: OpenVINO cannot run it: ")) << e.what();
    EXPECT_EQ(std::string(e.what()).find('\n'), std::string::npos) << "one line";
  }
}

TEST(ChoosePrecision, IsRememberedAndSaysWhy) {
  const TestFolder folder;
  setenv("GRAFT_CACHE", folder.path().c_str(), 1);
  graph::Graph graph = models::find("squeezenet1_1").build(5, 64);
  rule::fill(graph);
  const data::Preprocess preprocess{.resize = 64, .crop = 64};
  const std::string onnx = onnx::write(graph);
  const Hash128 key = hash128(as_bytes(onnx));
  const auto choose = [&] { return choose_precision(onnx, graph.name, key, preprocess, {.threads = 1, .batch = 1}, rule::picture(64), 1).choice; };
  const PrecisionChoice first = choose();
  EXPECT_NE(first.precision, Precision::automatic);
  EXPECT_NE(first.reason.find("bf16"), std::string::npos);
  EXPECT_EQ(choose().reason, first.reason) << "the numbers of a second measurement would differ";
  EXPECT_EQ(remembered_precision(key, 1)->precision, first.precision);
  unsetenv("GRAFT_CACHE");
}

}  // namespace
}  // namespace graft::engine

#include "graft/engine/engine.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "error_text.h"
#include "folder.h"
#include "graft/base/error.h"
#include "graft/base/isa.h"
#include "graft/base/text.h"
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

/// A side, or height and width.
Size size_of(const nlohmann::json& golden) {
  const nlohmann::json& size = golden["size"];
  return size.is_array() ? Size(size[0].get<int>(), size[1].get<int>()) : Size(size.get<int>());
}

void expect_golden(const graph::Graph& graph, data::Preprocess preprocess, const std::string& file) {
  const nlohmann::json golden = read_golden(file);
  preprocess.crop = size_of(golden);
  const std::vector<float> ours = logits_of(graph, preprocess, 1, 1);
  ASSERT_EQ(ours.size(), 1000U);
  const double bound = 1e-4 * golden["largest"].get<double>();
  for (const auto& entry : golden["logits"])
    EXPECT_NEAR(ours[entry[0].get<std::size_t>()], entry[1].get<double>(), bound) << file << " logit " << entry[0];
}

/// By the name of the golden, which begins with that of the network.
class Parity : public testing::TestWithParam<std::string> {};

TEST_P(Parity, LogitsOfTheReferenceImplementation) {
  const models::Backbone& row = models::find(split(GetParam(), '.').front());
  graph::Graph graph = row.build(1000, size_of(read_golden(GetParam())));
  rule::fill(graph);
  expect_golden(graph, row.preprocess(), GetParam());
}

std::vector<std::string> every_backbone() {
  std::vector<std::string> names;
  for (const models::Backbone& row : models::all()) names.push_back(row.name);
  return names;
}
INSTANTIATE_TEST_SUITE_P(EveryBackbone, Parity, testing::ValuesIn(every_backbone()), [](const auto& row) { return row.param; });
/// Pictures that are no squares: where a family pools to a fixed map, goes back from tokens to a picture, learned positions, or pads unequally.
INSTANTIATE_TEST_SUITE_P(Upright, Parity,
                         testing::Values("alexnet.upright", "convnext_tiny.upright", "deit_s_16.upright", "efficientnet_lite0.upright"),
                         [](const auto& row) { return split(row.param, '.').front(); });

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

TEST(Engine, GivesTheFirstOfSeveralNamedOutputs) {
  graph::Graph graph = models::find("squeezenet1_1").build(5, 64);
  rule::fill(graph);
  const data::Preprocess preprocess{.resize = 64, .crop = 64};
  const std::vector<float> logits = logits_of(graph, preprocess, 2, 3);
  const auto map = static_cast<std::size_t>(graph.nodes[graph.output()].inputs[0]);
  graph.name_output("map", map);
  graph.name_output("again", map);  // one value under two names
  const std::vector<float> beside = logits_of(graph, preprocess, 2, 3);
  ASSERT_EQ(beside.size(), logits.size());
  for (std::size_t i = 0; i < logits.size(); ++i) EXPECT_NEAR(beside[i], logits[i], 1e-4 * std::abs(logits[i]));
  std::swap(graph.outputs[0], graph.outputs[2]);
  EXPECT_EQ(logits_of(graph, preprocess, 2, 3).size(), 3 * static_cast<std::size_t>(graph::element_count(graph.nodes[map].dims)));
}

TEST(ChoosePrecision, IsRememberedAndSaysWhy) {
  const TestFolder folder;
  setenv("GRAFT_CACHE", folder.path().c_str(), 1);
  graph::Graph graph = models::find("squeezenet1_1").build(5, 64);
  rule::fill(graph);
  const data::Preprocess preprocess{.resize = 64, .crop = 64};
  const std::string onnx = onnx::write(graph);
  const Hash128 key = hash128(as_bytes(onnx));
  std::vector<uint8_t> rows = rule::picture(64);
  const std::size_t row = rows.size();
  for (std::size_t i = row; i < 6 * row; ++i) rows.push_back(static_cast<uint8_t>(rows[i - row] * 3 + i / row));
  const auto choose = [&] { return choose_precision(onnx, graph.name, key, preprocess, {.threads = 1, .batch = 6}, rows, 6).choice; };
  const PrecisionChoice first = choose();
  EXPECT_NE(first.precision, Precision::automatic);
  EXPECT_NE(first.reason.find("bf16"), std::string::npos);
  EXPECT_EQ(choose().reason, first.reason) << "the numbers of a second measurement would differ";
  EXPECT_EQ(remembered_precision(key, 1)->precision, first.precision);
  if (has_native_bf16()) {
    EXPECT_EQ(first.precision == Precision::bf16,
              first.reason.ends_with("of what tells photos apart") && first.reason.find(", but") == std::string::npos)
        << first.reason;
    EXPECT_FALSE(remembered_precision(key, 2)) << "another number of threads is another measurement";
  }
  unsetenv("GRAFT_CACHE");
}

TEST(ChoosePrecision, TooFewPhotosSayNothing) {
  const TestFolder folder;
  setenv("GRAFT_CACHE", folder.path().c_str(), 1);
  graph::Graph graph = models::find("squeezenet1_1").build(5, 64);
  rule::fill(graph);
  const std::string onnx = onnx::write(graph);
  const Hash128 key = hash128(as_bytes(onnx));
  const data::Preprocess preprocess{.resize = 64, .crop = 64};
  EXPECT_EQ(choose_precision(onnx, graph.name, key, preprocess, {.threads = 1, .batch = 1}, rule::picture(64), 1).choice.precision,
            Precision::float32);
  EXPECT_EQ(remembered_precision(key, 1).has_value(), !has_native_bf16()) << "more photos may say otherwise";
  unsetenv("GRAFT_CACHE");
}

TEST(NoiseOf, IsWhatRoundingDoesToWhatTellsPhotosApart) {
  const std::vector<float> exact = {1000, 1, 7, 1002, -1, 7, 1001, 0, 7};
  const auto noise = [&](std::vector<float> rounded) { return noise_of(rounded, exact, 3); };
  EXPECT_EQ(noise(exact), 0);
  EXPECT_EQ(noise({1005, 1, 7, 1007, -1, 7, 1006, 0, 7}), 0) << "the same for all photos is the head's bias";
  EXPECT_NEAR(noise({1000, 1, 7, 1000, -1, 7, 1000, 0, 7}), std::sqrt(0.5), 1e-9)
      << "one of two features that tell anything is lost, a tiny part of their size";
  EXPECT_NEAR(noise({1000, 1.1F, 7, 1002, -1.1F, 7, 1001, 0, 7}), std::sqrt(0.01 / 2), 1e-6);
  EXPECT_EQ(noise({1000, 1, 7, 1002, std::nanf(""), 7, 1001, 0, 7}), 1);
  EXPECT_EQ(noise_of(std::vector<float>{3, 3}, std::vector<float>{3, 3}, 2), 1) << "photos that are the same show nothing";
}

TEST(Engine, Bf16WithoutAvx512IsAnErrorThatSaysSo) {
  if (onednn_isa() >= Isa::avx512) return;
  graph::Graph graph = models::find("squeezenet1_1").build(5, 64);
  rule::fill(graph);
  EXPECT_EQ(test::message_of([&] {
              Engine(onnx::write(graph), "it.onnx", {.resize = 64, .crop = 64}, {Precision::bf16, 1, 1});
            }),
            "it.onnx: OpenVINO computes in bf16 only with AVX-512, which this CPU does not have; choose --precision float32, or omit it");
}

}  // namespace
}  // namespace graft::engine

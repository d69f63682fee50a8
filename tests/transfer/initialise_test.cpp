#include "graft/transfer/initialise.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "graft/graph/walks.h"
#include "graft/models/registry.h"
#include "transfer/made_graphs.h"

namespace graft::transfer {
namespace {

struct Facts {
  double mean = 0, deviation = 0, largest = 0;
};

Facts facts_of(std::span<const float> values) {
  double sum = 0, square = 0, largest = 0;
  for (const float v : values) {
    sum += double{v};
    square += double{v} * double{v};
    largest = std::max(largest, std::abs(double{v}));
  }
  const auto n = static_cast<double>(values.size());
  return {sum / n, std::sqrt(std::max(0.0, square / n - sum / n * sum / n)), largest};
}

/// Two draws of n values of one law: their means and deviations differ by six of their own deviations at most, and the largest of a uniform
/// (1.73 deviations) is not that of a normal (more than 2.2 of 200 values, but one time in 500).
void expect_same_law(const Facts& ours, const Facts& theirs, std::size_t count, const std::string& name) {
  if (theirs.deviation < 1e-7 * theirs.largest || theirs.largest == 0) {
    EXPECT_NEAR(ours.mean, theirs.mean, 1e-6 * std::abs(theirs.mean)) << name;
    EXPECT_LE(ours.deviation, 1e-6 * theirs.largest) << name;
    return;
  }
  const auto n = static_cast<double>(count);
  EXPECT_LT(std::abs(ours.mean - theirs.mean), 6 * theirs.deviation * std::sqrt(2 / n) + 1e-3 * theirs.deviation) << name;
  if (count < 16) return;
  EXPECT_NEAR(ours.deviation / theirs.deviation, 1, 6 / std::sqrt(n) + 1e-3) << name;
  if (count >= 200) {
    EXPECT_EQ(ours.largest / ours.deviation < 2.0, theirs.largest / theirs.deviation < 2.0) << name;
  }
}

class Initialise : public testing::TestWithParam<const char*> {};

TEST_P(Initialise, DrawsAsTheConstructorsOfTorchvisionAndTimm) {
  std::ifstream file(GRAFT_TESTS "/transfer/goldens/initialise.json");
  const nlohmann::json golden = nlohmann::json::parse(file).at(GetParam());
  const models::Backbone& row = models::find(GetParam());
  graph::Graph graph = row.build(1000, row.preprocess().crop);
  initialise(graph, 7);
  std::size_t compared = 0;
  for (const graph::Parameter& p : graph.parameters) {
    ASSERT_EQ(static_cast<int64_t>(p.tensor.values.size()), graph::element_count(p.shape)) << p.name;
    const Facts ours = facts_of(p.tensor.values);
    if (p.buffer) {
      EXPECT_EQ(ours.mean, p.name.ends_with("running_var") ? 1 : 0) << p.name;
      EXPECT_EQ(ours.deviation, 0) << p.name;
      continue;
    }
    const nlohmann::json& theirs = golden.at(p.name);
    expect_same_law(ours, {theirs[0], theirs[1], theirs[2]}, p.tensor.values.size(), p.name);
    ++compared;
  }
  EXPECT_EQ(compared, golden.size());
}

INSTANTIATE_TEST_SUITE_P(OfEachFamily, Initialise,
                         testing::Values("alexnet", "convnext_tiny", "deit_s_16", "densenet121", "dinov2_s_14", "efficientnet_b0",
                                         "efficientnet_lite0", "googlenet", "inception_v3", "mobilenet_v2", "mobilenet_v3_small", "regnet_y_400mf",
                                         "resnet18", "shufflenet_v2_x1_0", "squeezenet1_1", "vit_b_32"),
                         [](const auto& name) { return std::string(name.param); });

std::vector<std::string> different(const graph::Graph& a, const graph::Graph& b) {
  std::vector<std::string> names;
  for (const graph::Parameter& p : a.parameters) {
    const graph::Parameter* other = b.find(p.name);
    const bool same = other != nullptr && other->tensor.values.size() == p.tensor.values.size() &&
                      std::memcmp(other->tensor.values.data(), p.tensor.values.data(), p.tensor.values.size_bytes()) == 0;
    if (!same) names.push_back(p.name);
  }
  return names;
}

TEST(InitialiseValues, AreAFunctionOfSeedAndName) {
  graph::Graph a = network("squeezenet1_1"), b = a, other = a;
  initialise(a, 1);
  initialise(b, 1);
  EXPECT_EQ(different(a, b), std::vector<std::string>{});
  initialise(other, 2);
  EXPECT_EQ(different(a, other).size(), a.parameters.size() / 2) << "all weights, no bias";
}

TEST(InitialiseValues, DoNotDependOnTheHead) {
  graph::Graph ten = network("resnet18"), three = graph::replace_head(ten, 3);
  initialise(ten, 1);
  initialise(three, 1);
  EXPECT_EQ(different(three, ten), (std::vector<std::string>{"fc.weight", "fc.bias"}));
  EXPECT_GT(facts_of(three.find("fc.weight")->tensor.values).deviation, 0);
}

/// VGG-16 without its top at 150 pixels, Flatten, Dense 512 with ReLU, Dense: nn.Linear draws evenly up to 1 / sqrt(inputs).
TEST(InitialiseValues, NewLayersAreDrawnAsPyTorchDrawsThem) {
  const graph::Graph vgg = models::find("vgg16").build(1000, 150);
  const int64_t hidden[] = {512};
  graph::Graph graph = graph::replace_head(graph::until(vgg, "block5"), 2, {.flatten = true}, hidden);
  EXPECT_EQ(graph.find("hidden.0.weight")->shape, (graph::Dims{512, 512 * 4 * 4}));
  EXPECT_EQ(graph.find("head.weight")->shape, (graph::Dims{2, 512}));
  EXPECT_EQ(graph.find("classifier.0.weight"), nullptr);
  initialise_head(graph, 1);
  EXPECT_TRUE(graph.find("features.0.weight")->tensor.empty()) << "what is pretrained stays";
  for (const auto& [name, inputs] : {std::pair{"hidden.0", 8192.0}, {"head", 512.0}}) {
    const double most = 1 / std::sqrt(inputs);
    const Facts weight = facts_of(graph.find(std::string(name) + ".weight")->tensor.values);
    EXPECT_NEAR(weight.deviation, most / std::sqrt(3.0), 0.05 * most) << name;
    EXPECT_LE(weight.largest, most) << name;
    EXPECT_GT(weight.largest, 0.98 * most) << name;
    const Facts bias = facts_of(graph.find(std::string(name) + ".bias")->tensor.values);
    EXPECT_GT(bias.largest, 0) << name;
    EXPECT_LE(bias.largest, most) << name;
  }
}

TEST(InitialiseValues, ANetworkOfNoFamilyIsDrawnLikeAResNet) {
  graph::Graph graph = made_graph(true);
  initialise(graph, 1);
  EXPECT_NEAR(facts_of(graph.find("body.weight")->tensor.values).deviation, std::sqrt(2.0 / 36), 0.08);
  EXPECT_EQ(facts_of(graph.find("norm.weight")->tensor.values).mean, 1);
  EXPECT_LE(facts_of(graph.find("head.weight")->tensor.values).largest, 0.5);
}

TEST(InitialiseValues, OfVggHaveADeviationOfAHundredthInItsLinearLayers) {
  graph::Graph graph = made_graph(true);
  graph.name = "vgg_small";
  initialise(graph, 1);
  EXPECT_NEAR(facts_of(graph.find("body.weight")->tensor.values).deviation, std::sqrt(2.0 / 36), 0.08);
  EXPECT_NEAR(facts_of(graph.find("top.weight")->tensor.values).deviation, 0.01, 0.006);
  EXPECT_EQ(facts_of(graph.find("top.bias")->tensor.values).largest, 0);
}

}  // namespace
}  // namespace graft::transfer

#include "graft/models/registry.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "graft/base/error.h"
#include "graft/graph/walks.h"

namespace graft::models {
namespace {

nlohmann::json golden(const std::string& name) {
  std::ifstream file(GRAFT_TESTS "/models/goldens/" + name + ".json");
  EXPECT_TRUE(file) << "no golden for " << name << ": run tools/make_model_goldens.py";
  return nlohmann::json::parse(file);
}

TEST(Registry, EveryRowHasTheNamesAndShapesOfItsReference) {
  for (const Backbone& row : all()) {
    const nlohmann::json reference = golden(row.name);
    const graph::Graph graph = row.build(1000, reference["size"].get<int>());
    nlohmann::json ours = nlohmann::json::array();
    for (const graph::Parameter& p : graph.parameters) ours.push_back({p.name, p.shape});
    nlohmann::json theirs = reference["parameters"];
    std::sort(ours.begin(), ours.end());  // a reference may register a shortcut before its block
    std::sort(theirs.begin(), theirs.end());
    EXPECT_EQ(ours, theirs) << row.name;
  }
}

TEST(Registry, CostsArePublishedOnes) {
  const graph::Graph resnet50 = find("resnet50").build(1000, 224);  // torchvision documents 25,557,032 parameters and 4.09 G multiply-adds
  EXPECT_EQ(graph::parameter_count(resnet50), 25'557'032);
  EXPECT_EQ(graph::multiply_adds(resnet50), 4'089'184'256);
  EXPECT_EQ(graph::parameter_count(find("squeezenet1_1").build(1000, 224)), 1'235'496);
  EXPECT_EQ(graph::parameter_count(find("vgg16").build(1000, 224)), 138'357'544);
  EXPECT_EQ(graph::parameter_count(find("inception_v3").build(1000, 299)), 27'161'264 - 3'326'696) << "torchvision counts the auxiliary head";
  EXPECT_EQ(graph::parameter_count(find("mobilenet_v3_large").build(1000, 224)), 5'483'032);
  EXPECT_EQ(graph::parameter_count(find("efficientnet_lite0").build(1000, 224)), 4'652'008);
}

TEST(Registry, MultiplyAddsAreThoseTorchvisionPublishes) {
  const std::pair<const char*, double> published[] = {{"shufflenet_v2_x1_0", 0.145}, {"convnext_tiny", 4.456}, {"convnext_small", 8.684},
                                                      {"convnext_base", 15.355},     {"vit_b_16", 17.564},     {"vit_b_32", 4.409}};
  for (const auto& [name, billions] : published)
    EXPECT_NEAR(static_cast<double>(graph::multiply_adds(find(name).build(1000, 224))) / 1e9, billions, 0.0005) << name;
}

TEST(Registry, ATransformerTakesMultiplesOfItsPatch) {
  const auto error = [](const char* name, Size size) {
    try {
      find(name).build(1000, size);
    } catch (const Error& e) {
      EXPECT_EQ(e.kind(), ErrorKind::usage);
      return std::string(e.what());
    }
    return std::string("no error");
  };
  EXPECT_EQ(error("vit_b_16", 230), "vit_b_16 input size: 230 is not a multiple of the patch of 16; choose --size 224 or 240");
  EXPECT_EQ(error("dinov2_s_14", 224), "no error");
  EXPECT_EQ(error("dinov2_s_14", 13), "dinov2_s_14 input size: 13 is not a multiple of the patch of 14; choose --size 14");
  EXPECT_EQ(error("vit_b_16", {224, 230}), "vit_b_16 input size: 230 is not a multiple of the patch of 16; choose --size 224 or 240");
  EXPECT_EQ(find("vit_b_32").build(1000, 384).find("encoder.pos_embedding")->shape, (graph::Dims{1, 145, 768}));
}

TEST(Registry, PublishedTransformersHaveOlderNames) {
  const auto& rename = find("vit_b_16").sources.front().rename;
  EXPECT_EQ(rename("encoder.layers.encoder_layer_3.mlp.linear_1.weight"), "encoder.layers.encoder_layer_3.mlp.0.weight");
  EXPECT_EQ(rename("encoder.layers.encoder_layer_11.mlp.linear_2.bias"), "encoder.layers.encoder_layer_11.mlp.3.bias");
  EXPECT_EQ(rename("encoder.layers.encoder_layer_3.ln_1.weight"), "encoder.layers.encoder_layer_3.ln_1.weight");
}

TEST(Registry, AConvolutionalNetworkTakesAnySizeFromASmallestOn) {
  for (const char* name : {"convnext_tiny", "shufflenet_v2_x1_0"})
    for (const int size : {32, 97, 230}) EXPECT_EQ(find(name).build(1000, size).output_dims(), graph::Dims{1000}) << name << " at " << size;
}

TEST(Registry, EveryParameterIsInTheStageItsNodeIsIn) {
  for (const Backbone& row : all()) {
    const graph::Graph graph = row.build(7, row.preprocess().crop);
    for (const graph::Node& node : graph.nodes)
      for (const int p : node.parameters) EXPECT_EQ(graph.parameters[static_cast<std::size_t>(p)].stage, node.stage);
    for (std::size_t i = 1; i < graph.nodes.size(); ++i) EXPECT_LE(graph.nodes[i - 1].stage, graph.nodes[i].stage) << row.name;
    EXPECT_EQ(graph.stages.back(), "head");
    EXPECT_EQ(graph.output_dims(), graph::Dims{7});
  }
}

TEST(Registry, EverySourceCanBeFetchedAndChecked) {
  std::set<std::string> names;
  for (const Backbone& row : all()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name << " twice";
    ASSERT_FALSE(row.sources.empty()) << row.name;
    for (const Source& source : row.sources) {
      EXPECT_TRUE(source.url.starts_with("https://")) << row.name;
      EXPECT_EQ(source.sha256.find_first_not_of("0123456789abcdef"), std::string::npos) << row.name;
      EXPECT_TRUE(source.sha256.size() >= 8 || (source.sha256.empty() && source.url.starts_with("https://huggingface.co/"))) << row.name;
      EXPECT_FALSE(source.licence.empty()) << row.name;
    }
  }
}

TEST(Registry, AnUnknownNameGetsANearMiss) {
  try {
    find("resnet81");
    FAIL();
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(), "backbone 'resnet81': no such network; did you mean resnet18?");
    EXPECT_EQ(e.kind(), ErrorKind::usage);
  }
}

}  // namespace
}  // namespace graft::models

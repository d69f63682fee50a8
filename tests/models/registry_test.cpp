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
    const graph::Graph graph = row.build(1000, row.preprocess().crop);
    nlohmann::json ours = nlohmann::json::array();
    for (const graph::Parameter& p : graph.parameters) ours.push_back({p.name, p.shape});
    nlohmann::json theirs = golden(row.name)["parameters"];
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
      EXPECT_GE(source.sha256.size(), 8U) << row.name;
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

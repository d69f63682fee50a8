#include "graft/models/timm_names.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "graft/models/registry.h"

namespace graft::models {
namespace {

using Shapes = std::map<std::string, graph::Dims>;

Shapes shapes_of(const Backbone& row) {
  Shapes shapes;
  for (const graph::Parameter& parameter : row.build(1000, row.preprocess().crop).parameters) shapes[parameter.name] = parameter.shape;
  return shapes;
}

std::string ours(const Source& source, const std::string& theirs) { return source.rename ? source.rename(theirs) : theirs; }

/// Convolutions (O, I, h, w) stand for linear layers (O, I h w): weights::load flattens them.
graph::Dims flattened(graph::Dims shape, std::size_t rank) {
  while (shape.size() > std::max<std::size_t>(rank, 1)) {
    const int64_t last = shape.back();
    shape.pop_back();
    shape.back() *= last;
  }
  return shape;
}

bool is_timm(const Source& source) { return source.url.starts_with("https://huggingface.co/timm/"); }

/// tools/make_timm_goldens.py showed for each golden that timm's model computes what the row does.
TEST(TimmNames, EverySourceOfTimmGivesTheRowItsNamesAndShapes) {
  int sources = 0;
  for (const Backbone& row : all())
    for (const Source& source : row.sources) {
      if (!is_timm(source)) continue;
      ++sources;
      std::ifstream file(GRAFT_TESTS "/models/goldens/timm/" + row.name + ".json");
      ASSERT_TRUE(file) << "no golden for " << row.name << ": run tools/make_timm_goldens.py";
      const nlohmann::json golden = nlohmann::json::parse(file);
      EXPECT_EQ(source.file, golden["timm"].get<std::string>() + "." + source.tag + ".safetensors") << "the golden is of another model";
      Shapes rest = shapes_of(row), renamed;
      for (const nlohmann::json& entry : golden["renamed"]) {
        const auto found = rest.find(entry[2]);
        ASSERT_NE(found, rest.end()) << row.name << " has no " << entry[2];
        EXPECT_EQ(ours(source, entry[0]), found->first) << source.file;
        EXPECT_EQ(flattened(entry[1], found->second.size()), found->second) << source.file << " " << entry[0];
        rest.erase(found);
      }
      for (const auto& [name, shape] : rest) EXPECT_EQ(ours(source, name), name) << source.file;  // the same at timm
    }
  EXPECT_GT(sources, 40);
}

TEST(TimmNames, OurNamesAndUnknownOnesStay) {
  for (const Backbone& row : all())
    for (const Source& source : row.sources) {
      if (!is_timm(source)) continue;
      for (const auto& [name, shape] : shapes_of(row)) EXPECT_EQ(ours(source, name), name) << source.file;
    }
  for (const auto rename : {efficientnet_from_timm, mobilenet_v2_from_timm, regnet_from_timm, vgg_from_timm, vit_from_timm})
    for (const char* name : {"", "blocks", "blocks.", "blocks.x.0.bn1.weight", "blocks.99999999999.0.bn1.weight", "blocks.-1.0.bn1.weight", "s", "s1",
                             "s1.b", "s1.c1.se.fc1.weight", "conv_stems.weight"})
      EXPECT_EQ(rename(name), name);
  EXPECT_EQ(mobilenet_v2_from_timm("blocks.7.0.bn1.weight"), "blocks.7.0.bn1.weight") << "it has no such stage";
}

TEST(TimmNames, EachFamilyByOneName) {
  EXPECT_EQ(efficientnet_from_timm("blocks.0.1.se.conv_expand.bias"), "features.1.1.block.1.fc2.bias");
  EXPECT_EQ(efficientnet_from_timm("blocks.5.2.bn3.running_var"), "features.6.2.block.3.1.running_var");
  EXPECT_EQ(mobilenet_v2_from_timm("blocks.3.1.conv_pwl.weight"), "features.8.conv.2.weight");
  EXPECT_EQ(regnet_from_timm("s2.b1.downsample.bn.bias"), "trunk_output.block2.block2-0.proj.1.bias");
  EXPECT_EQ(vgg_from_timm("pre_logits.fc2.weight"), "classifier.3.weight");
  EXPECT_EQ(vit_from_timm("blocks.11.attn.qkv.bias"), "encoder.layers.encoder_layer_11.self_attention.in_proj_bias");
}

TEST(TimmNames, TheLicenceGoesByTheTag) {
  EXPECT_EQ(find_network("vgg16.tv_in1k").source->licence, "BSD-3-Clause");
  EXPECT_EQ(find_network("regnet_y_400mf.pycls_in1k").source->licence, "MIT");
  EXPECT_EQ(find_network("resnet50.a1_in1k").source->licence, "Apache-2.0");
}

}  // namespace
}  // namespace graft::models

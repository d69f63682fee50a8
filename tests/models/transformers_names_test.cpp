#include "graft/models/transformers_names.h"

#include <gtest/gtest.h>

#include "graft/models/registry.h"

namespace graft::models {
namespace {

TEST(TransformersNames, OurNamesAndUnknownOnesStay) {
  int rows = 0;
  for (const Backbone& row : all()) {
    if (!row.from_transformers) continue;
    ++rows;
    for (const graph::Parameter& p : row.build(1000, row.preprocess().crop).parameters)
      if (!p.name.starts_with("classifier")) {  // which both call so
        EXPECT_EQ(row.from_transformers(p.name), p.name) << row.name;
      }
    for (const char* name : {"", "encoder", "encoder.stages.", "encoder.stages.0.layers.", "encoder.stages.x.layers.0.shortcut.convolution.weight",
                             "encoder.layer.-1.norm1.weight", "encoder.layer.99999999999.norm1.weight", "layernorms.weight"})
      EXPECT_EQ(row.from_transformers(name), name) << row.name;
  }
  EXPECT_GT(rows, 12);
}

TEST(TransformersNames, EachFamilyByOneName) {
  EXPECT_EQ(resnet_from_transformers("resnet.encoder.stages.3.layers.1.layer.2.normalization.running_var"), "layer4.1.bn3.running_var");
  EXPECT_EQ(resnet_from_transformers("encoder.stages.1.layers.0.shortcut.convolution.weight"), "layer2.0.downsample.0.weight");
  EXPECT_EQ(convnext_from_transformers("convnext.encoder.stages.2.layers.8.layer_scale_parameter"), "features.5.8.layer_scale");
  EXPECT_EQ(convnext_from_transformers("encoder.stages.3.downsampling_layer.1.bias"), "features.6.1.bias");
  EXPECT_EQ(vit_from_transformers("vit.encoder.layer.11.attention.output.dense.bias"),
            "encoder.layers.encoder_layer_11.self_attention.out_proj.bias");
  EXPECT_EQ(vit_from_transformers("pooler.dense.weight"), "");
  EXPECT_EQ(deit_from_transformers("vit.layers.3.attention.o_proj.weight"), "blocks.3.attn.proj.weight");
  EXPECT_EQ(dinov2_from_transformers("dinov2.encoder.layer.0.layer_scale2.lambda1"), "blocks.0.ls2.gamma");
  EXPECT_EQ(dinov2_from_transformers("classifier.weight"), "");
}

}  // namespace
}  // namespace graft::models

#include "graft/models/cyclegan.h"

#include <gtest/gtest.h>

#include <set>

#include "error_text.h"
#include "graft/graph/walks.h"

namespace graft::models {
namespace {

using graph::Dims;

Dims shape_of(const graph::Graph& graph, const char* name) {
  const graph::Parameter* found = graph.find(name);
  return found == nullptr ? Dims{} : found->shape;
}

/// The authors' code prints 11.378 M and 2.765 M for these.
TEST(CycleGan, HasTheAuthorsNamesShapesAndNumberOfWeights) {
  const graph::Graph generator = cyclegan_generator(256, 64, 9), discriminator = cyclegan_discriminator(256, 64, 3);
  EXPECT_EQ(graph::parameter_count(generator), 11'378'179);
  EXPECT_EQ(graph::parameter_count(discriminator), 2'764'737);
  EXPECT_EQ(generator.output_dims(), (Dims{3, 256, 256}));
  EXPECT_EQ(discriminator.output_dims(), (Dims{1, 30, 30}));
  EXPECT_EQ(shape_of(generator, "model.1.weight"), (Dims{64, 3, 7, 7}));
  EXPECT_EQ(shape_of(generator, "model.4.weight"), (Dims{128, 64, 3, 3}));
  EXPECT_EQ(shape_of(generator, "model.10.conv_block.1.weight"), (Dims{256, 256, 3, 3}));
  EXPECT_EQ(shape_of(generator, "model.18.conv_block.5.bias"), (Dims{256}));
  EXPECT_EQ(shape_of(generator, "model.19.weight"), (Dims{256, 128, 3, 3})) << "transposed: (in, out, 3, 3)";
  EXPECT_EQ(shape_of(generator, "model.22.weight"), (Dims{128, 64, 3, 3}));
  EXPECT_EQ(shape_of(generator, "model.26.weight"), (Dims{3, 64, 7, 7}));
  EXPECT_EQ(shape_of(discriminator, "model.0.weight"), (Dims{64, 3, 4, 4}));
  EXPECT_EQ(shape_of(discriminator, "model.5.weight"), (Dims{256, 128, 4, 4}));
  EXPECT_EQ(shape_of(discriminator, "model.8.weight"), (Dims{512, 256, 4, 4}));
  EXPECT_EQ(shape_of(discriminator, "model.11.weight"), (Dims{1, 512, 4, 4}));
}

TEST(CycleGan, OfSmallPictures) {
  EXPECT_EQ(cyclegan_generator({64, 96}, 16, 6).output_dims(), (Dims{3, 64, 96}));
  EXPECT_EQ(cyclegan_discriminator(64, 16, 2).output_dims(), (Dims{1, 14, 14}));
  EXPECT_EQ(test::error_of([] { cyclegan_generator(66, 16, 6); }),
            "usage: translation: pictures of 66 pixels, expected a multiple of 4; choose another --translate-size");
}

}  // namespace
}  // namespace graft::models

// Conv-4 and ResNet-12: shapes and sizes as the literature gives them.
#include "graft/models/few_shot.h"

#include <gtest/gtest.h>

#include "graft/graph/walks.h"

namespace graft::models {
namespace {

TEST(FewShot, Conv4HasTheFeaturesOfTheLiterature) {
  EXPECT_EQ(graph::feature_count(conv4(5, 28)), 64);
  EXPECT_EQ(graph::feature_count(conv4(5, 84)), 1600);
  const int64_t convolutions = 3 * 64 * 9 + 3 * 64 * 64 * 9 + 4 * 64;
  EXPECT_EQ(graph::parameter_count(conv4(5, 28)), convolutions + 4 * 2 * 64 + 5 * 64 + 5);
  EXPECT_EQ(graph::parameter_count(graph::features(conv4(5, 28))), convolutions + 4 * 2 * 64);
}

TEST(FewShot, ResNet12IsAveragedInTheEnd) {
  const graph::Graph graph = resnet12(64, 84);
  EXPECT_EQ(graph::feature_count(graph), 640);
  EXPECT_EQ(graph.stages, (std::vector<std::string>{"layer1", "layer2", "layer3", "layer4", "head"}));
  EXPECT_EQ(graph::parameter_count(graph::features(graph)), 12424320) << "12.4 million, as in Lee et al. 2019";
}

TEST(FewShot, ASmallWidthIsASmallNetwork) { EXPECT_LT(graph::parameter_count(resnet12(5, 28, 8)), 250000); }

}  // namespace
}  // namespace graft::models

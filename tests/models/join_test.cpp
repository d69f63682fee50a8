#include "graft/models/join.h"

#include <gtest/gtest.h>

#include "error_text.h"

namespace graft::models {
namespace {

std::string refused(const std::string& name) {
  return test::error_of([&] { find_networks(name); });
}

TEST(JoinedNames, AreThoseOfNetworksWithAPlusBetween) {
  const std::vector<Network> networks = find_networks("squeezenet1_1+resnet50.IMAGENET1K_V2+vgg16:block5");
  ASSERT_EQ(networks.size(), 3U);
  EXPECT_EQ(networks[0].backbone->name, "squeezenet1_1");
  EXPECT_EQ(networks[1].source->tag, "IMAGENET1K_V2");
  EXPECT_EQ(networks[2].last_stage, "block5");
  EXPECT_EQ(name_of(networks), "squeezenet1_1+resnet50.IMAGENET1K_V2+vgg16:block5");
  EXPECT_EQ(name_of(find_networks("resnet18")), "resnet18");
  EXPECT_EQ(find_networks("resnet50+resnet50.IMAGENET1K_V2").size(), 2U) << "two trainings of one network are two networks";
}

TEST(JoinedNames, WhatIsNoneSaysWhy) {
  constexpr const char* kEmpty = "expected a network on each side of a +; for instance efficientnet_lite0+squeezenet1_1";
  EXPECT_EQ(refused("resnet18+"), std::string("usage: backbone 'resnet18+': ") + kEmpty);
  EXPECT_EQ(refused("+resnet18"), std::string("usage: backbone '+resnet18': ") + kEmpty);
  EXPECT_EQ(refused("resnet18++vgg16"), std::string("usage: backbone 'resnet18++vgg16': ") + kEmpty);
  EXPECT_EQ(refused("resnet18+resnet18"),
            "usage: backbone 'resnet18+resnet18': resnet18 appears in it twice; join networks that differ: the same one adds nothing");
  EXPECT_EQ(refused("resnet18+resnet18.IMAGENET1K_V1"),
            "usage: backbone 'resnet18+resnet18.IMAGENET1K_V1': resnet18 appears in it twice; join networks that differ: the same one adds nothing");
  EXPECT_EQ(refused("resnet18+rasnet34"), "usage: backbone 'rasnet34': no such network; did you mean resnet34?");
  EXPECT_EQ(
      refused("encoder.onnx+resnet18"),
      "usage: backbone 'encoder.onnx+resnet18': only networks of `graft models` with their published weights can be joined, and 'encoder.onnx' is "
      "a file; join networks by name, or take the file alone");
  EXPECT_EQ(
      test::error_of([] { find_network("resnet18+vgg16"); }),
      "usage: backbone 'resnet18+vgg16': joins networks, but a single one is expected here; a join is for `graft fit`, `graft embed` and --sources");
}

}  // namespace
}  // namespace graft::models

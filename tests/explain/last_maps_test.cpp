#include "graft/explain/last_maps.h"

#include <gtest/gtest.h>

#include "explain/small_network.h"
#include "graft/models/registry.h"

namespace graft::explain {
namespace {

/// "6x4x16 8x8x192+1": height, width, channels and other tokens of each.
std::string maps_of(const graph::Graph& graph) {
  std::string why_not, text;
  const std::optional<LastMaps> found = last_maps(graph, why_not);
  if (!found) return why_not;
  EXPECT_EQ(found->graph.named_outputs().size(), found->maps.size() + 1);
  EXPECT_EQ(found->graph.output_dims(), graph.output_dims());
  for (const LastMap& map : found->maps) {
    const graph::Dims& dims = found->graph.nodes[found->graph.output(map.name)].dims;
    const auto values = static_cast<int64_t>((static_cast<std::size_t>(map.height * map.width) + map.others) * map.channels);
    EXPECT_EQ(graph::element_count(dims), values);
    text += (text.empty() ? "" : " ") + std::to_string(map.height) + "x" + std::to_string(map.width) + "x" + std::to_string(map.channels) +
            (map.others > 0 ? "+" + std::to_string(map.others) : "");
  }
  return text;
}

std::string maps_of(const std::string& name) { return maps_of(models::find(name).build(4, 64)); }

TEST(LastMaps, AreThoseThatTheHeadReads) {
  EXPECT_EQ(maps_of(small_network()), "6x4x16");
  EXPECT_EQ(maps_of(with_head({.every_stage = true})), "6x4x16 12x8x12");
  EXPECT_EQ(maps_of(with_head({.flatten = true})), "6x4x16");
  EXPECT_EQ(maps_of(with_head({}, {5, 6})), "6x4x16");
}

TEST(LastMaps, OfEachKindOfNetwork) {
  EXPECT_EQ(maps_of("efficientnet_lite0"), "2x2x1280");
  EXPECT_EQ(maps_of("mobilenet_v3_small"), "2x2x576") << "not those that squeeze-and-excitation averages";
  EXPECT_EQ(maps_of("convnext_tiny"), "2x2x768");
  EXPECT_EQ(maps_of("densenet121"), "2x2x1024");
  EXPECT_EQ(maps_of("vgg11"), "7x7x512");
  EXPECT_EQ(maps_of("squeezenet1_1"), "3x3x4");
  EXPECT_EQ(maps_of("vit_b_16"), "4x4x768+1");
  EXPECT_EQ(maps_of(graph::replace_head(models::find("deit_s_16").build(4, 64), 4, {.every_stage = true})), "4x4x384+1");
}

TEST(LastMaps, AreNotThereWhereNothingHasPlaces) {
  graph::Graph graph{.name = "flat"};
  graph::Builder b(graph);
  b.stage("head");
  b.linear("fc", graph::apply(graph::GlobalAveragePool{}, {b.conv("conv", b.input({3, 4, 4}), {.out = 2, .kernel = 4, .stride = 4, .padding = 0})}),
           {.out = 3});
  EXPECT_EQ(maps_of(graph), "no value before its answer has positions");
}

/// What the last map is read by beside the way to the answer must not be between, or the gradients were those of both ways.
TEST(LastMaps, StandOnTheWayToTheAnswerAlone) {
  std::string why_not;
  const LastMaps found = *last_maps(with_head({.every_stage = true}), why_not);
  for (const LastMap& map : found.maps) {
    int readers = 0;
    for (const graph::Node& node : found.graph.nodes)
      readers += static_cast<int>(std::ranges::count(node.inputs, static_cast<int>(found.graph.output(map.name))));
    EXPECT_EQ(readers, 1) << map.name;
  }
}

}  // namespace
}  // namespace graft::explain

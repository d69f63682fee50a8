// Networks on the same picture, side by side as one: a head sees the features that each of them would give alone.
#pragma once

#include <array>
#include <span>
#include <string>

#include "graft/graph/graph.h"

namespace graft::graph {

struct JoinedPart {
  std::string name;                                     // before the names of its parameters: "resnet18" makes "resnet18.conv1.weight"
  Graph graph;                                          // its head is left out
  std::array<float, 3> scale{1, 1, 1}, shift{0, 0, 0};  // its input is scale * picture + shift, by channel
};

/// The parts' features one behind the other, kFeatures of each as `features` has them, and a head without values of as many outputs as the first
/// part has. A scale is a convolution of one pixel, whose parameters never train. Everything before the head is one stage, "networks": several
/// values cross any place between, so the parts train together or not at all. The averages of the parts' own stages, as `features` has them with
/// every_stage, are the last nodes before the head, under the name kStages. Error (usage) if the parts take pictures of different shapes.
inline constexpr const char* kStages = "stages";
Graph join(std::span<const JoinedPart> parts);

}  // namespace graft::graph

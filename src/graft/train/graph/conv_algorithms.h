// Chooses the algorithm of each 1x1 convolution that has two: graft's own, in blocks of rows, which reads through batch norms
// (compute/cpu_pointwise.cpp), or ATen's matrix products.
#pragma once

#include <ATen/ATen.h>

#include <map>
#include <string>
#include <vector>

#include "graft/graph/graph.h"
#include "graft/train/compute/compute.h"
#include "graft/train/config.h"

namespace graft::train {

/// kBlocks or kAten, by the convolution's describe() text.
using ConvAlgorithms = std::map<std::string, std::string>;
inline constexpr const char* kBlocks = "blocks";
inline constexpr const char* kAten = "ATen";

/// For each node, whether it is a 1x1 convolution that `compute` does. ATen does those that `algorithms` assigns to it or that `compute` cannot do.
std::vector<bool> in_blocks(const graph::Graph& graph, at::ScalarType storage, const Compute& compute, const ConvAlgorithms& algorithms);

/// The same algorithm for all nodes of the graph.
ConvAlgorithms every_conv_algorithm(const graph::Graph& graph, const char* algorithm);

/// Chooses for every convolution of the graph that either algorithm can compute; returns nothing if config.conv_algorithms is empty. That folder
/// caches measurements in a file per machine (CPU, instruction set, libtorch, threads); shapes that are not in it are measured now: forward and
/// backward between two batch norms, as is usual in networks, on a few pictures. ATen is chosen if it is at least a tenth faster, or if the two
/// results differ by more than rounding. A damaged file is rewritten; if none can be written, the next training run measures again.
ConvAlgorithms choose_conv_algorithms(const graph::Graph& graph, const TrainConfig& config);

}  // namespace graft::train

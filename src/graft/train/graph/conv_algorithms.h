// Which algorithm computes each 1x1 convolution where there are two: in blocks of graft's own, which read through batch norms
// (compute/cpu_pointwise.cpp), or by ATen's products.
#pragma once

#include <ATen/ATen.h>

#include <map>
#include <string>
#include <vector>

#include "graft/graph/graph.h"
#include "graft/train/compute/compute.h"
#include "graft/train/config.h"

namespace graft::train {

/// By what describe() says of the convolution: kBlocks or kAten.
using ConvAlgorithms = std::map<std::string, std::string>;
inline constexpr const char* kBlocks = "blocks";
inline constexpr const char* kAten = "ATen";

/// By node: the 1x1 convolutions that `compute` does, and not ATen: because `algorithms` says so, or it cannot.
std::vector<bool> in_blocks(const graph::Graph& graph, at::ScalarType storage, const Compute& compute, const ConvAlgorithms& algorithms);

/// The same for all nodes of the graph.
ConvAlgorithms every_conv_algorithm(const graph::Graph& graph, const char* algorithm);

/// For every convolution of the graph that can be computed by either algorithm; none where config.conv_algorithms is empty. That folder remembers what was measured on this
/// machine (CPU, instruction set, libtorch, threads), a file for each; other shapes are measured now: forwards and backwards between two batch norms, as
/// they stand in networks, on some pictures. ATen where it is at least a tenth faster, or where the two differ by more than rounding. A file that is
/// damaged is written anew; where none can be written, the next training measures again.
ConvAlgorithms choose_conv_algorithms(const graph::Graph& graph, const TrainConfig& config);

}  // namespace graft::train

// Which values a training step keeps, and for how long: computed once for a graph, the stages that train, and the algorithms. Executor follows this
// plan; the estimate of training memory simulates it without tensors. Does not depend on libtorch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "graft/graph/graph.h"
#include "graft/train/compute/kernels_table.h"

namespace graft::train {

/// The activation as a Shape, if it can be fused into a batch norm.
std::optional<Shape> shape_of(graph::Function function);
/// Convolutions that Compute has functions for.
bool is_pointwise(const graph::Conv2d& c);
bool is_depthwise(const graph::Conv2d& c, int64_t channels);

/// How the forward and the backward pass of an operator use memory.
struct Use {
  bool backward_reads_inputs = false, backward_reads_output = false;  // these are kept until then
  bool through = false;                                               // it reads a batch norm's input and normalizes that itself
  bool shares = false;                                                // its output shares the memory of its input
};

/// The walk that determines the Use of a node. `blocks`: it is a 1x1 convolution that Compute::pointwise computes.
struct UseOf {
  const graph::Graph& graph;
  std::size_t node;
  bool trains, blocks;

  Use operator()(const graph::Conv2d& c) const;
  Use operator()(const graph::ConvTranspose2d&) const { return {.backward_reads_inputs = true}; }
  Use operator()(const graph::BatchNorm&) const { return {.backward_reads_inputs = true}; }
  Use operator()(const graph::LayerNorm&) const { return {.backward_reads_inputs = true}; }
  Use operator()(const graph::InstanceNorm&) const { return {.backward_reads_output = true}; }
  Use operator()(const graph::Linear&) const { return {.backward_reads_inputs = true}; }
  Use operator()(const graph::Activation& a) const;
  Use operator()(const graph::MaxPool&) const { return {.backward_reads_inputs = true}; }
  Use operator()(const graph::AveragePool&) const { return {.backward_reads_inputs = true}; }
  Use operator()(const graph::AdaptiveAveragePool&) const { return {.backward_reads_inputs = true}; }
  Use operator()(const graph::Multiply&) const { return {.backward_reads_inputs = true}; }
  Use operator()(const graph::Scale&) const { return {.backward_reads_inputs = true}; }
  Use operator()(const graph::Attention&) const { return {.backward_reads_inputs = true}; }
  // Operators that only move or add values need nothing for backward.
  Use operator()(const graph::Input&) const { return {}; }
  Use operator()(const graph::ReflectionPad&) const { return {}; }
  Use operator()(const graph::GlobalAveragePool&) const { return {}; }
  Use operator()(const graph::Flatten&) const;
  Use operator()(const graph::Dropout& d) const { return {.shares = !trains || d.probability <= 0}; }  // keeps its mask
  Use operator()(const graph::Add&) const { return {.through = true}; }                                // for inputs without activation
  Use operator()(const graph::Concat&) const { return {}; }
  Use operator()(const graph::ChannelSlice&) const { return {}; }
  Use operator()(const graph::ChannelShuffle&) const { return {}; }
  Use operator()(const graph::Tokens&) const { return {.shares = true}; }
  Use operator()(const graph::Picture&) const { return {.shares = true}; }
  Use operator()(const graph::ClassToken&) const { return {}; }
  Use operator()(const graph::PositionEmbedding&) const { return {}; }
  Use operator()(const graph::FirstToken&) const { return {}; }
  Use operator()(const graph::MirrorViews&) const { return {}; }
  Use operator()(const graph::MeanOfViews&) const { return {}; }
  Use operator()(const graph::Foreign&) const { return {}; }  // frozen
};

/// Every list is indexed by node.
struct Liveness {
  std::vector<int> readers;       // number of readers of its value; being an output counts as one
  std::vector<int> first_reader;  // the first of them, or -1
  std::vector<int> fused;         // the activation that is fused with it, or -1
  std::vector<bool> needs;        // a gradient must reach it, since something at or before it trains or its gradient is requested
  std::vector<bool> keeps;        // backward reads its output, which is therefore kept until the node's own backward is done
  std::vector<int> owner;         // the node that owns the memory of its output, possibly itself
  std::vector<int> made_at;       // node in whose forward its output becomes a tensor: itself or, for a batch norm, a reader; the number of nodes:
                                  // after all of them, when outputs are returned; -1: never, since all readers read through it
  std::vector<std::vector<std::size_t>> done_at;  // outputs that no forward after this node's reads

  /// Outputs that are held between forward and backward.
  std::vector<bool> held() const;
};

/// `trains`: by stage. `blocks`: by node, see UseOf. `by`: outputs of the graph with respect to which backward must give gradients, even if nothing
/// there trains.
Liveness liveness_of(const graph::Graph& graph, const std::vector<bool>& trains, const std::vector<bool>& blocks,
                     const std::vector<std::string>& by = {});

}  // namespace graft::train

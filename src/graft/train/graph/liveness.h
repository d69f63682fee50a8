// What a step of training keeps until when: computed once for a graph, for what trains of it and for how it is computed. Executor runs it; the estimate
// of a training's memory plays it through without tensors. Free of libtorch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "graft/graph/graph.h"
#include "graft/train/compute/kernels_table.h"

namespace graft::train {

/// The activations that are computed along with a batch norm.
std::optional<Shape> shape_of(graph::Function function);
/// Convolutions that Compute has functions for.
bool is_pointwise(const graph::Conv2d& c);
bool is_depthwise(const graph::Conv2d& c, int64_t channels);

/// What an operator's two ways do with memory.
struct Use {
  bool backward_reads_inputs = false, backward_reads_output = false;  // which are kept until then
  bool through = false;                                               // it reads what a batch norm is computed from, and not its output
  bool shares = false;                                                // its output is its input's memory
};

/// The walk that tells it, of a node. `blocks`: a 1x1 convolution is computed by Compute::pointwise.
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
  // What moves values or adds them has nothing to remember.
  Use operator()(const graph::Input&) const { return {}; }
  Use operator()(const graph::ReflectionPad&) const { return {}; }
  Use operator()(const graph::GlobalAveragePool&) const { return {}; }
  Use operator()(const graph::Flatten&) const;
  Use operator()(const graph::Dropout& d) const { return {.shares = !trains || d.probability <= 0}; }  // keeps its mask
  Use operator()(const graph::Add&) const { return {.through = true}; }                                // what has no activation
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

/// By node, in every list.
struct Liveness {
  std::vector<int> readers;       // how many read its value, an output being one
  std::vector<int> first_reader;  // which does so first, or -1
  std::vector<int> fused;         // the activation that is computed with it, or -1
  std::vector<bool> needs;        // something at or before it trains, or is asked for, so that a gradient must reach it
  std::vector<bool> keeps;        // backward reads its output: once made, it stays until its own backward is done
  std::vector<int> owner;         // whose memory its output is, perhaps its own
  std::vector<int> made_at;  // at whose forward its output becomes a tensor: its own, or, of a batch norm, that of a reader; the number of nodes:
                             // behind all of them, for who asks for outputs; -1: never, all read through it
  std::vector<std::vector<std::size_t>> done_at;  // outputs that no later forward reads

  /// Outputs that are there between forward and backward.
  std::vector<bool> held() const;
};

/// `trains`: by stage. `blocks`: by node, see UseOf. `by`: outputs of the graph by which backward is to give gradients, though nothing at them trains.
Liveness liveness_of(const graph::Graph& graph, const std::vector<bool>& trains, const std::vector<bool>& blocks,
                     const std::vector<std::string>& by = {});

}  // namespace graft::train

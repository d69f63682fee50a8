// The walks of Executor: the forward and the backward pass of each operator. Pictures are (N, H, W, C) here.
#pragma once

#include <ATen/ATen.h>

#include "graft/graph/graph.h"
#include "graft/train/compute/values.h"
#include "graft/train/graph/executor.h"

namespace graft::train {

inline constexpr uint64_t kMostNodes = 4096;        // maximum per graph, for numbering random streams by step and node
inline constexpr double kStatisticsMomentum = 0.1;  // of the update of running statistics in a step, as in PyTorch

/// What both walks know about a node.
struct NodeOf {
  Executor& executor;
  std::size_t index;

  const graph::Node& node() const { return executor.graph_.nodes[index]; }
  std::size_t input_index(std::size_t i) const { return static_cast<std::size_t>(node().inputs[i]); }
  /// An input as its operator left it, possibly with a batch norm still to be computed; and as a plain tensor, which is then kept for other readers.
  Value read_input(std::size_t i = 0) const { return value_of(input_index(i)); }
  const at::Tensor& in(std::size_t i = 0) const { return value(input_index(i)); }
  Value value_of(std::size_t node) const;
  const at::Tensor& value(std::size_t node) const;
  /// The batch norm that a node is the fused activation of, or else the node itself.
  std::size_t norm_of(std::size_t node) const;
  bool is_norm(std::size_t node) const { return std::holds_alternative<graph::BatchNorm>(executor.graph_.nodes[node].op); }
  const StageMode& mode_of(std::size_t i) const { return executor.modes_[static_cast<std::size_t>(executor.graph_.nodes[i].stage)]; }
  const graph::Dims& from() const { return executor.graph_.nodes[input_index(0)].dims; }  // shape of the input, without the batch
  const at::Tensor& parameter(std::size_t i) const { return executor.values[static_cast<std::size_t>(node().parameters[i])]; }
  /// A parameter in the storage type of pictures.
  at::Tensor stored(std::size_t i) const { return parameter(i).to(executor.storage_); }
  const StageMode& mode() const { return mode_of(index); }
  /// The type of parameters, their gradients and sums.
  at::ScalarType exact() const { return exact_type(executor.storage_); }
  const Compute& compute() const { return executor.compute_; }
  Buffers& buffers() const { return executor.buffers_; }
  /// A random mask, each element true with probability 1 - p, from the random stream of this node and step.
  at::Tensor drawn_here(uint64_t seed, double p, at::IntArrayRef sizes) const;
  std::vector<at::Tensor>& more() const { return executor.kept_[index].more; }
  bool will_go_back() const { return executor.training_ && executor.plan_.needs[index]; }
  Shape fused_shape(std::size_t node) const;
  /// Whether this 1x1 convolution is computed in blocks of rows; records the answer for the profile.
  bool in_blocks() const;
};

struct ForwardOf : NodeOf {
  void give(at::Tensor output) const { executor.kept_[index].output = std::move(output); }
  /// Whether the batch norm after this convolution needs the moments of its input; give() stores the output and passes these on.
  bool moments_wanted() const;
  void give(const Convolved& convolved) const;
  void depthwise(const graph::Conv2d& c) const;
  void pointwise(const graph::Conv2d& c) const;
  at::Tensor channels_by_batch(int64_t channels) const;

  void operator()(const graph::Input&) const {}
  void operator()(const graph::Conv2d& c) const;
  void operator()(const graph::ConvTranspose2d& c) const;
  void operator()(const graph::BatchNorm& b) const;
  void operator()(const graph::LayerNorm& n) const;
  void operator()(const graph::InstanceNorm& n) const;
  void operator()(const graph::Linear&) const;
  void operator()(const graph::Activation& a) const;
  void operator()(const graph::MaxPool& p) const;
  void operator()(const graph::AveragePool& p) const;
  void operator()(const graph::AdaptiveAveragePool& p) const;
  void operator()(const graph::ReflectionPad& p) const;
  void operator()(const graph::GlobalAveragePool& p) const;
  void operator()(const graph::Flatten&) const;
  void operator()(const graph::Dropout& d) const;
  void operator()(const graph::Add&) const;
  void operator()(const graph::Multiply&) const;
  void operator()(const graph::Scale&) const;
  void operator()(const graph::Concat&) const;
  void operator()(const graph::ChannelSlice& c) const;
  void operator()(const graph::ChannelShuffle& c) const;
  void operator()(const graph::Tokens&) const;
  void operator()(const graph::Picture&) const;
  void operator()(const graph::ClassToken&) const;
  void operator()(const graph::PositionEmbedding&) const;
  void operator()(const graph::Attention& a) const;
  void operator()(const graph::FirstToken&) const;
  void operator()(const graph::MirrorViews&) const;
  void operator()(const graph::MeanOfViews&) const;
  void operator()(const graph::Foreign&) const;
};

struct BackwardOf : NodeOf {
  /// The gradient of the output: as it came, possibly still to pass through a batch norm; and as a plain tensor.
  const Gradient& incoming() const { return executor.flowing_[index]; }
  const at::Tensor& gradient() const;
  bool wanted(std::size_t i = 0) const { return executor.plan_.needs[input_index(i)]; }
  /// Adds a gradient to that of input i.
  void give(const at::Tensor& gradient, std::size_t i = 0) const;
  void give_parameter(std::size_t i, const at::Tensor& gradient) const;
  /// Whether this is the last operator to add to the gradient of the first input; and whether that input is a batch norm that then needs sums, too.
  bool completes() const { return executor.plan_.first_reader[input_index(0)] == static_cast<int>(index); }
  bool sums_wanted() const;
  at::Tensor given() const { return executor.flowing_[norm_of(input_index(0))].tensor; }  // to the first input so far; undefined: nothing
  /// Sets the complete gradient of the first input, and its sums.
  void give_all(const at::Tensor& gradient, const at::Tensor& sums) const;
  void depthwise(const graph::Conv2d& c) const;
  void pointwise(const graph::Conv2d& c) const;

  void operator()(const graph::Input&) const {}
  void operator()(const graph::Conv2d& c) const;
  void operator()(const graph::ConvTranspose2d& c) const;
  void operator()(const graph::BatchNorm& b) const;
  void operator()(const graph::LayerNorm& n) const;
  void operator()(const graph::InstanceNorm& n) const;
  void operator()(const graph::Linear&) const;
  void operator()(const graph::Activation& a) const;
  void operator()(const graph::MaxPool& p) const;
  void operator()(const graph::AveragePool& p) const;
  void operator()(const graph::AdaptiveAveragePool&) const;
  void operator()(const graph::ReflectionPad& p) const;
  void operator()(const graph::GlobalAveragePool&) const;
  void operator()(const graph::Flatten&) const;
  void operator()(const graph::Dropout& d) const;
  void operator()(const graph::Add&) const;
  void operator()(const graph::Multiply&) const;
  void operator()(const graph::Scale&) const;
  void operator()(const graph::Concat&) const;
  void operator()(const graph::ChannelSlice& c) const;
  void operator()(const graph::ChannelShuffle& c) const;
  void operator()(const graph::Tokens&) const;
  void operator()(const graph::Picture&) const;
  void operator()(const graph::ClassToken&) const;
  void operator()(const graph::PositionEmbedding&) const;
  void operator()(const graph::Attention& a) const;
  void operator()(const graph::FirstToken&) const;
  void operator()(const graph::MirrorViews&) const;
  void operator()(const graph::MeanOfViews&) const;
  void operator()(const graph::Foreign&) const {}  // not supported: forward throws
};

/// A picture as ATen's convolutions and pooling expect it: (N, C, H, W), a view whose memory stays channels last.
inline at::Tensor channels_first(const at::Tensor& picture) { return picture.permute({0, 3, 1, 2}); }
inline at::Tensor channels_last(const at::Tensor& picture) { return picture.permute({0, 2, 3, 1}).contiguous(); }

}  // namespace graft::train

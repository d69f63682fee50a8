// The walks of Executor: each operator forwards and backwards. Pictures are (N, H, W, C) here.
#pragma once

#include <ATen/ATen.h>

#include <optional>

#include "graft/graph/graph.h"
#include "graft/train/executor.h"
#include "graft/train/kernels_table.h"

namespace graft::train {

/// The activations that the kernels compute along with a batch norm.
std::optional<Shape> shape_of(graph::Function function);

/// Whether an operator's backward reads its output (`own`) or its inputs: those are kept until then.
struct BackwardReads {
  bool own;

  bool operator()(const graph::Conv2d&) const { return !own; }
  bool operator()(const graph::BatchNorm&) const { return !own; }
  bool operator()(const graph::LayerNorm&) const { return !own; }
  bool operator()(const graph::Linear&) const { return !own; }
  bool operator()(const graph::Activation& a) const;
  bool operator()(const graph::MaxPool&) const { return !own; }
  bool operator()(const graph::AveragePool&) const { return !own; }
  bool operator()(const graph::AdaptiveAveragePool&) const { return !own; }
  bool operator()(const graph::Multiply&) const { return !own; }
  bool operator()(const graph::Scale&) const { return !own; }
  bool operator()(const graph::Attention&) const { return !own; }
  template <class Shuffling>  // moves values or adds them: nothing to remember
  bool operator()(const Shuffling&) const {
    return false;
  }
};

/// What both walks know of a node.
struct NodeOf {
  Executor& executor;
  std::size_t index;

  const graph::Node& node() const { return executor.graph_.nodes[index]; }
  std::size_t input_index(std::size_t i) const { return static_cast<std::size_t>(node().inputs[i]); }
  const at::Tensor& in(std::size_t i = 0) const { return executor.kept_[input_index(i)].output; }
  const graph::Dims& from() const { return executor.graph_.nodes[input_index(0)].dims; }  // shape of the input, without the batch
  const at::Tensor& value(std::size_t i) const { return executor.values[static_cast<std::size_t>(node().parameters[i])]; }
  /// A parameter in the type that pictures are stored in.
  at::Tensor stored(std::size_t i) const { return value(i).to(executor.storage_); }
  const StageMode& mode() const { return executor.modes_[static_cast<std::size_t>(node().stage)]; }
  std::vector<at::Tensor>& more() const { return executor.kept_[index].more; }
  bool will_go_back() const { return executor.training_ && executor.needs_[index]; }
  Shape fused_shape() const;
};

struct ForwardOf : NodeOf {
  void give(at::Tensor output) const { executor.kept_[index].output = std::move(output); }

  void operator()(const graph::Input&) const {}
  void operator()(const graph::Conv2d& c) const;
  void operator()(const graph::BatchNorm& b) const;
  void operator()(const graph::LayerNorm& n) const;
  void operator()(const graph::Linear&) const;
  void operator()(const graph::Activation& a) const;
  void operator()(const graph::MaxPool& p) const;
  void operator()(const graph::AveragePool& p) const;
  void operator()(const graph::AdaptiveAveragePool& p) const;
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
  /// Of the output.
  const at::Tensor& gradient() const { return executor.flowing_[index]; }
  bool wanted(std::size_t i = 0) const { return executor.needs_[input_index(i)]; }
  /// To input i, added to what others gave.
  void give(const at::Tensor& gradient, std::size_t i = 0) const;
  void give_parameter(std::size_t i, const at::Tensor& gradient) const;

  void operator()(const graph::Input&) const {}
  void operator()(const graph::Conv2d& c) const;
  void operator()(const graph::BatchNorm& b) const;
  void operator()(const graph::LayerNorm& n) const;
  void operator()(const graph::Linear&) const;
  void operator()(const graph::Activation& a) const;
  void operator()(const graph::MaxPool& p) const;
  void operator()(const graph::AveragePool& p) const;
  void operator()(const graph::AdaptiveAveragePool&) const;
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
  void operator()(const graph::Foreign&) const {}  // forward refuses
};

/// A picture as ATen's convolutions and pools want it: (N, C, H, W), a view whose memory stays channels last.
inline at::Tensor channels_first(const at::Tensor& picture) { return picture.permute({0, 3, 1, 2}); }
inline at::Tensor channels_last(const at::Tensor& picture) { return picture.permute({0, 2, 3, 1}).contiguous(); }

}  // namespace graft::train

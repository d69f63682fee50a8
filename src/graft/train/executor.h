// Forward and backward of a Graph with libtorch's tensors: one overload per operator, no autograd. The Graph itself is the tape.
//
// Between layers, pictures are (N, H, W, C), tokens (N, T, C) and vectors (N, F), contiguous, stored as `storage`. Parameters and their gradients are
// float32 in the Graph's own shapes. Nothing is kept for backward below the first stage that trains.
//
// A step is bound by memory, so a BatchNorm with the activation behind it is no pass of its own: its readers normalise what the convolution before it
// wrote as they read it, and on the way back the convolution behind it takes the sums that its gradients need and the one before it applies them
// (Value and Gradient in values.h). Operators that cannot do so are given plain tensors.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <map>
#include <vector>

#include "graft/graph/graph.h"
#include "graft/train/buffers.h"
#include "graft/train/profile.h"
#include "graft/train/values.h"
#include "graft/train/ways.h"

namespace graft::train {

using Weights = std::vector<at::Tensor>;  // by index into Executor::values

/// What a stage does in a step.
struct StageMode {
  bool trains = false;
  bool batch_norm_live = false;  // normalise by the batch's statistics, and move the running ones
  double running = 0;            // where that is live: of each channel the probability to go by the running ones nevertheless (StochNorm)
};

/// Everything random in a step is a function of these: dropout gives the same for the same step, whatever came before.
struct StepSeed {
  uint64_t seed = 0, step = 0;
};

class Executor {
 public:
  /// Copies the graph's parameters; empty ones are zeros.
  Executor(graph::Graph graph, at::ScalarType storage);

  const graph::Graph& graph() const { return graph_; }
  at::ScalarType storage() const { return storage_; }

  /// By index into graph().parameters. The optimiser writes to values; gradients are valid after backward() and undefined where nothing trains.
  std::vector<at::Tensor> values, gradients;

  /// One entry per stage of the graph; stays until the next call.
  void set_modes(std::vector<StageMode> modes);

  /// images: (N, H, W, C) or whatever the input's shape is, any floating type. Returns the last node's output, float32.
  at::Tensor forward(const at::Tensor& images, const StepSeed& seed);
  /// The same without keeping anything, with fixed statistics and no dropout.
  at::Tensor predict(const at::Tensor& images);

  /// Nodes whose outputs are kept until backward() whoever else needs them; stays until the next call.
  void watch(std::vector<std::size_t> nodes);
  /// The output of such a node in forward(), float32, where an activation is computed with it that one's. Before backward().
  at::Tensor output(std::size_t node);

  /// Gradients of the parameters that train, from the gradient of what forward() returned, (N, F), and, where something else depends on the outputs of
  /// nodes, from its gradients by those. Frees what forward() kept.
  void backward(const at::Tensor& gradient, const std::map<std::size_t, at::Tensor>& of_outputs = {});
  /// Whether a parameter that trains has a part in a node's output.
  bool depends(std::size_t node) const { return needs_[node]; }

  /// Which convolutions of one place are ATen's; the others are computed in blocks, where the CPU has products in bf16.
  void set_ways(const Ways& ways);
  bool profile = false;  // whether the time of each operator is taken
  std::vector<OperatorTime> times() const { return profile_.times(); }

 private:
  friend struct NodeOf;  // of the walks in operators.h
  friend struct ForwardOf;
  friend struct BackwardOf;

  struct Kept {
    at::Tensor output;
    std::vector<at::Tensor> more;  // what the operator's backward needs besides its inputs and output
    at::Tensor sums;               // of a BatchNorm, where the convolution before it took them: (parts, 2, C)
  };

  at::Tensor run(const at::Tensor& images, bool training, const StepSeed& seed);
  template <class Walk>
  void walk(const char* direction, std::size_t node);
  void find_fused();
  void find_kept();

  graph::Graph graph_;
  at::ScalarType storage_;
  std::vector<StageMode> modes_;
  std::vector<int> readers_, first_reader_;  // by node: how many read its output, and which does so first
  std::vector<int> last_reader_;             // by node: of its output, or of what is computed from that on the way
  std::vector<int> fused_;                   // by node: the activation that is computed with it, or -1
  std::vector<bool> by_aten_;                // by node: a convolution of one place that set_ways() leaves to ATen
  std::vector<bool> needs_;                  // by node: something at or before it trains, so that a gradient must reach it
  std::vector<bool> keeps_;                  // by node: backward reads its output
  std::vector<std::size_t> watched_;
  Buffers buffers_;
  bool training_ = false;
  StepSeed seed_;
  std::vector<Kept> kept_;
  std::vector<Gradient> flowing_;  // gradients of outputs during backward()
  Profile profile_;
  std::string kernel_;  // what the operator at work says of itself, for the profile
};

}  // namespace graft::train

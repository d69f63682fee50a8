// Forward and backward passes of a Graph on libtorch's tensors: one overload per operator, no autograd. The Graph itself is the tape.
//
// Between layers, pictures are (N, H, W, C), tokens (N, T, C) and vectors (N, F), contiguous, of type `storage`. Parameters and their gradients are
// float32 in the Graph's own shapes, or float64 if `storage` is float64. Nothing is kept for backward below the first stage that trains, or below the
// first output for which a gradient is requested.
//
// A step is limited by memory bandwidth, so a BatchNorm and the activation after it have no pass of their own: their readers normalize the output of
// the convolution before them while reading it, and in backward, the convolution after them computes the sums that their gradients need and the one
// before them applies these (Value and Gradient in values.h). Operators that cannot do so are given plain tensors.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "graft/graph/graph.h"
#include "graft/train/compute/buffers.h"
#include "graft/train/compute/compute.h"
#include "graft/train/compute/values.h"
#include "graft/train/graph/conv_algorithms.h"
#include "graft/train/graph/liveness.h"
#include "graft/train/profile.h"

namespace graft::train {

using Weights = std::vector<at::Tensor>;  // indexed as Executor::values
/// By name of a graph's output: its value, (N, ...) with channels last, or the gradient of a loss with respect to it; in the type of the parameters.
using Outputs = std::map<std::string, at::Tensor>;

/// How a stage behaves in a training step.
struct StageMode {
  bool trains = false;
  bool batch_norm_live = false;  // normalizes by the batch's statistics, and updates the running statistics
  double running = 0;            // if live: probability, per channel, of normalizing by the running statistics nevertheless (StochNorm)
};

/// float32 or bf16.
at::ScalarType type_of(Storage storage);

/// All randomness in a step is a function of these: the same step has the same dropout masks, whatever came before.
struct StepSeed {
  uint64_t seed = 0, step = 0;
};

class Executor {
 public:
  /// Copies the graph's parameters; empty ones become zeros. `compute`: the device and the implementation of the operators, on which it also depends
  /// which types `storage` may be: cpu() has float32 and bf16.
  Executor(graph::Graph graph, at::ScalarType storage, const Compute& compute = cpu());

  const graph::Graph& graph() const { return graph_; }
  at::ScalarType storage() const { return storage_; }

  /// Indexed as graph().parameters. The optimizer writes to `values`; `gradients` are valid after backward(), and undefined for parameters that do
  /// not train.
  std::vector<at::Tensor> values, gradients;

  /// One entry per stage of the graph; in effect until the next call.
  void set_modes(std::vector<StageMode> modes);

  /// Changes what forward() returns from now on; the nodes stay the same.
  void set_outputs(std::vector<graph::Output> outputs);
  /// Outputs with respect to which backward() also returns the gradient: at any node, the input included, whatever trains. In effect until the next
  /// call. Error (usage) for an unknown output.
  void set_gradients_by(std::vector<std::string> outputs);

  /// images: (N, H, W, C) or whatever the shape of the input is, of any floating-point type. Returns all outputs.
  Outputs forward(const at::Tensor& images, const StepSeed& seed);
  /// The first output only, with the running statistics and without dropout. Keeps nothing for backward().
  at::Tensor predict(const at::Tensor& images);

  /// The first output as forward() gives it, but recorded by libtorch's own autograd: for derivatives of any order with respect to those of `values`
  /// that require a gradient. Keeps nothing for backward(). Only with plain(), as autograd cannot differentiate graft's kernels.
  at::Tensor differentiable(const at::Tensor& images, const StepSeed& seed);

  /// Computes the gradients of the parameters that train from `gradients`, those of the loss with respect to the outputs of forward(); an output
  /// without an entry has no part in the loss. Frees what forward() kept. Returns the gradients with respect to the outputs of set_gradients_by():
  /// everything that flows into the node, including its entry in `gradients`; zeros if nothing does.
  Outputs backward(const Outputs& gradients);

  /// What is kept and for how long under the current settings; and, by node, the outputs that are held now, undefined if not held.
  const Liveness& plan() const { return plan_; }
  std::vector<at::Tensor> held() const;

  /// Assigns 1x1 convolutions to ATen; the others are computed in blocks if the CPU has matrix products in bf16.
  void set_conv_algorithms(const ConvAlgorithms& algorithms);
  bool profile = false;  // whether to measure the time of each operator
  std::vector<OperatorTime> times() const { return profile_.times(); }

 private:
  friend struct NodeOf;  // the walks in operators.h
  friend struct ForwardOf;
  friend struct BackwardOf;

  struct Kept {
    at::Tensor output;
    std::vector<at::Tensor> more;  // what the operator's backward needs in addition to its inputs and output
    at::Tensor sums;               // of a BatchNorm: the moments that the convolution before it computed, if it did, (parts, 2, C)
  };

  void run(const at::Tensor& images, bool training, const StepSeed& seed);
  void walk_forward(const at::Tensor& images, bool training, const StepSeed& seed);
  at::Tensor output(std::size_t node);
  template <class Walk>
  void walk(const char* direction, std::size_t node);
  void plan_again();

  graph::Graph graph_;
  at::ScalarType storage_;
  Compute compute_;
  std::vector<StageMode> modes_;
  std::vector<std::string> gradients_by_;
  std::vector<bool> blocks_;  // by node: whether it is a 1x1 convolution that compute_ does
  Liveness plan_;
  Buffers buffers_;
  bool training_ = false;
  StepSeed seed_;
  std::vector<Kept> kept_;
  std::vector<Gradient> flowing_;  // gradients of outputs during backward()
  Profile profile_;
  std::string kernel_;  // implementation used by the current operator, for the profile
};

}  // namespace graft::train
